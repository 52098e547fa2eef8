"""Notices about requests for help. One to any broker names no firm."""

from collections.abc import Iterable

from django.urls import reverse

from accounts.names import PUBLIC, name_for
from brokerage.models import HelpRequest
from brokers.models import Broker
from mandates.services.notifications import people_of_agent, people_of_client, staff_of
from notices.models import NoticeKind
from notices.services import notify, settle_notices
from notices.services.notifications import NoticeDraft
from notices.texts.writing import write_sentence

MOST_TOLD = 200
"""Brokers who hear of a request to any of them."""


def people_asked(request: HelpRequest) -> list[int]:
    """The chosen broker or agency; else brokers with an account, first those of the industry of the demand."""
    if request.broker or request.agency:
        return people_of_agent(request.broker or request.agency)  # type: ignore[arg-type]  # one of them is set
    brokers = Broker.objects.certified().filter(user__isnull=False, user__is_active=True)
    industry = request.demand.industry_id if request.demand else None
    fitting = list(brokers.filter(industries=industry).values_list("user", flat=True)) if industry else []
    others = brokers.order_by("pk").values_list("user", flat=True)
    return list(dict.fromkeys([*fitting, *others]))[:MOST_TOLD]


def notify_asked(request: HelpRequest) -> None:
    who = name_for(request.asker, PUBLIC, request)
    values = {"单位": who, "内容": request.text[:80].rstrip("。"), "截止": _day(request)}
    text = write_sentence("brokerage.help_asked", values)
    _notify(request, people_asked(request), text, "asked")


def notify_taken(request: HelpRequest) -> None:
    _tell_asker(request, write_sentence("brokerage.help_taken", {"经纪人": str(request.taken_by)}))


def notify_declined(request: HelpRequest) -> None:
    values = {"经纪人": request.addressee, "原因": request.reason}
    _tell_asker(request, write_sentence("brokerage.help_declined", values))


def _tell_asker(request: HelpRequest, text: str) -> None:
    settle(request)
    _notify(request, people_of_client(request.asker), text, "answered")


def notify_finished(request: HelpRequest, *, by_asker: bool) -> None:
    """Tell the other side."""
    settle(request)
    text = write_sentence("brokerage.help_finished", {"请求": str(request), "说明": request.reason})
    people = people_of_agent(request.taken_by) if by_asker and request.taken_by else people_of_client(request.asker)
    _notify(request, people, text, "finished")


def notify_reminder(request: HelpRequest) -> None:
    text = write_sentence("brokerage.help_reminder", {"请求": str(request), "截止": _day(request)})
    _notify(request, people_asked(request), text, "reminder")


def notify_district(request: HelpRequest) -> None:
    """The district can name another broker; the asker reads that it was told."""
    text = f"“{request}”逾期没有技术经纪人答复，请协助。"
    _notify(request, staff_of(request.asker), text, "district")


def settle(request: HelpRequest) -> None:
    settle_notices(request.about, [NoticeKind.BROKER], people_asked(request))


def _notify(request: HelpRequest, people: Iterable[int], text: str, event: str) -> None:
    path = reverse("help_request", args=[request.public_id])
    notify(
        NoticeDraft(person, NoticeKind.BROKER, text, path, request.about, f"{request.about} {event}")
        for person in people
    )


def _day(request: HelpRequest) -> str:
    return f"{request.answer_due_on.month} 月 {request.answer_due_on.day} 日"
