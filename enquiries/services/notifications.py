"""Notices about approaches. They name an anonymous firm by its alias for every recipient."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, Role
from accounts.names import PUBLIC, name_for
from core.due_days import month_and_day
from enquiries.models import Approach, TalkTime
from enquiries.models.approach import Side
from mandates.models import Right
from mandates.services.notifications import agents_of
from notices.models import NoticeKind
from notices.recipients import district_officers, officers_of
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence

ROLES: dict[str, Role] = {Side.FIRM: Role.FIRM, Side.INSTITUTION: Role.INSTITUTION}


def public_name(approach: Approach, side: str) -> str:
    """The organisation as notices, entries and files name it."""
    return name_for(approach.organisation_of(side), PUBLIC, approach)


def people_of(approach: Approach, side: str) -> list[int]:
    """Ids of the active officers of a side, and of its agents who may answer."""
    organisation = approach.organisation_of(side)
    officers = officers_of({organisation.pk}, ROLES[side])[organisation.pk]
    return list(dict.fromkeys([*officers, *agents_of(organisation, Right.ANSWER)]))


def notify_begun(approach: Approach) -> None:
    """Tell the recipient's officers; where it has none, the district and the city, who can reach it."""
    people = people_of(approach, approach.recipient_side)
    if people:
        values = {
            "单位": public_name(approach, approach.sender_side),
            "事项": str(approach),
            "截止": month_and_day(approach.answer_due_on),
        }
        text = write_sentence("enquiries.begun", values)
        _notify(approach, people, text, "begun")
        return
    text = "%(what)s已送达，但“%(who)s”还没有可用的账号，请协助联系。" % {
        "what": approach,
        "who": public_name(approach, approach.recipient_side),
    }
    _notify(approach, [*_district(approach), *_city()], text, "begun")


def notify_message(approach: Approach, side: str, number: int) -> None:
    """Tell the other side of a message. `number` identifies it."""
    text = write_sentence("enquiries.message", {"单位": public_name(approach, side), "事项": str(approach)})
    _notify(approach, people_of(approach, _other(side)), text, f"message {number}")


def notify_event(approach: Approach, side: str, text: str, event: str) -> None:
    """Tell the officers of `side` what happened."""
    words = write_sentence("enquiries.event", {"事项": str(approach), "进展": text})
    _notify(approach, people_of(approach, side), words, event)


def notify_reminder(approach: Approach, event: str) -> None:
    values = {"事项": str(approach), "截止": month_and_day(approach.answer_due_on)}
    text = write_sentence("enquiries.late" if approach.is_late else "enquiries.reminder", values)
    _notify(approach, people_of(approach, approach.recipient_side), text, event)


def notify_district(approach: Approach) -> None:
    _notify(approach, _district(approach) or _city(), _late_text(approach), "district")


def notify_city(approach: Approach) -> None:
    _notify(approach, _city(), _late_text(approach), "city")


def notify_talk(talk: TalkTime, side: str) -> None:
    """Tell the officers of `side` that a time for the talk was chosen."""
    moment = timezone.localtime(talk.starts_at)
    text = f"约谈时间已定：{moment.month} 月 {moment.day} 日 {moment:%H:%M}，{talk.place}。"
    notify_event(talk.approach, side, text, f"talk {talk.public_id}")


def settle_approach_notices(approach: Approach, people: Iterable[int]) -> None:
    """The side has done what the notices asked for."""
    settle_notices(approach.about, [NoticeKind.APPROACH], list(people))


def _late_text(approach: Approach) -> str:
    return "%(who)s没有在 %(day)s前答复%(what)s，请督促。" % {
        "who": public_name(approach, approach.recipient_side),
        "day": month_and_day(approach.answer_due_on),
        "what": approach,
    }


def _notify(approach: Approach, people: Iterable[int], text: str, event: str) -> None:
    path = reverse("approach", args=[approach.public_id])
    notify(
        NoticeDraft(person, NoticeKind.APPROACH, text, path, approach.about, f"{approach.about} {event}")
        for person in people
    )


def _district(approach: Approach) -> list[int]:
    firm: Organisation = approach.firm
    return district_officers([firm.stat_region_id])[firm.stat_region_id] if firm.stat_region_id else []


def _city() -> list[int]:
    return list(
        Membership.objects.filter(role=Role.CITY, user__is_active=True).order_by("pk").values_list("user", flat=True)
    )


def _other(side: str) -> str:
    return Side.INSTITUTION if side == Side.FIRM else Side.FIRM
