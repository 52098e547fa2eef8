"""Notices about confirmations. A notice names no amount, and no party to who is not one."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Count
from django.urls import reverse

from accounts.models import Membership, User
from deals.confirmation_subjects import SUBJECTS, matter_label
from deals.models import Confirmation
from notices.models import NoticeKind
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft, notify_or_renew
from notices.texts.writing import TextWriter, write_sentence

ROLES = ("firm_officer", "institution_officer", "broker")
MANY = 3


class Together(NamedTuple):
    """Says that questions are asked in several steps, as by a list that is imported in parts.

    The members of `organisations` get one notice with this key, which each step renews.
    """

    key: str
    organisations: Collection[int]


def tell_parties(confirmations: Iterable[Confirmation], by: User | None, together: Together | None = None) -> None:
    """Tell the users of each party what is asked; one notice for all if there are many."""
    waiting = [row for row in confirmations if row.is_pending]
    people = answerers(waiting)
    by_person: dict[int, list[Confirmation]] = defaultdict(list)
    for confirmation in waiting:
        for person in people.get(confirmation.pk, ()):
            if by is None or person != by.pk or confirmation.matter == "listed":
                by_person[person].append(confirmation)
    many, each = TextWriter("deals.confirmations_asked"), TextWriter("deals.confirmation_asked")
    if together is not None:
        _tell_together(by_person, together, many)
    drafts = []
    for person, rows in by_person.items():
        if len(rows) > MANY:
            drafts.append(_draft_of_many(many, person, len(rows), rows[0], f"{about(rows[0])} and {len(rows)} more"))
        else:
            drafts += [_draft(each, person, row) for row in rows]
    notify(drafts)


def _tell_together(by_person: dict[int, list[Confirmation]], together: Together, many: TextWriter) -> None:
    """Tell how many questions wait for the organisations, and take theirs out of `by_person`."""
    of_organisations = Confirmation.objects.pending().filter(organisation__in=together.organisations).order_by()
    waiting = dict(of_organisations.values_list("organisation").annotate(n=Count("pk")))
    drafts = []
    for person, rows in by_person.items():
        theirs = [row for row in rows if row.organisation_id in together.organisations]
        if theirs:
            number = sum(waiting.get(organisation, 0) for organisation in {row.organisation_id for row in theirs})
            drafts.append(_draft_of_many(many, person, number, theirs[0], together.key))
            by_person[person] = [row for row in rows if row.organisation_id not in together.organisations]
    notify_or_renew(drafts)


def remind(confirmations: Iterable[Confirmation], round_key: str) -> int:
    """A second notice to the users of parties that have not answered."""
    rows = list(confirmations)
    people, writer = answerers(rows), TextWriter("deals.confirmation_reminder")
    return notify(
        NoticeDraft(
            person,
            NoticeKind.CONFIRM,
            writer.sentence({"对象": _addressee(row), "类别": str(matter_label(row)), "名称": row.title[:60]}),
            reverse("confirmation", args=[row.public_id]),
            about(row),
            f"{about(row)} reminder {round_key}",
        )
        for row in rows
        for person in people.get(row.pk, ())
    )


def answered(confirmation: Confirmation) -> None:
    """Settle what asked the party, and tell the author who has answered how."""
    settle_notices(about(confirmation), [NoticeKind.CONFIRM])
    if confirmation.asked_by_id is None or confirmation.asked_by_id == confirmation.answered_by_id:
        return
    verb = "已确认" if confirmation.is_standing else "提出异议"
    values = {
        "身份": str(confirmation.get_role_display()),
        "结果": verb,
        "类别": str(matter_label(confirmation)),
        "名称": confirmation.title[:60],
    }
    text = write_sentence("deals.confirmation_answered", values)
    path = deal_path(confirmation) or reverse("confirmation", args=[confirmation.public_id])
    key = f"{about(confirmation)} {confirmation.status} {confirmation.objected_at or ''}"
    notify([NoticeDraft(confirmation.asked_by_id, NoticeKind.SIDES, text, path, about(confirmation), key)])


def decided(confirmation: Confirmation) -> None:
    values = {
        "名称": confirmation.title[:60],
        "结果": str(confirmation.get_decision_display()),
        "说明": confirmation.decision_text[:120],
    }
    text = write_sentence("deals.objection_decided", values)
    _to_party(confirmation, text, f"decided {confirmation.decision}")


def proven(confirmation: Confirmation) -> None:
    if not confirmation.is_pending:
        values = {"名称": confirmation.title[:60], "身份": str(confirmation.get_role_display())}
        text = write_sentence("deals.confirmation_proven", values)
        _to_party(confirmation, text, "proven")


def withdraw(confirmations: Iterable[Confirmation]) -> None:
    for confirmation in confirmations:
        withdraw_notices(about(confirmation))


def answerers(confirmations: Iterable[Confirmation]) -> dict[int, list[int]]:
    """{pk of a confirmation: ids of the users who can answer it}. One query for the organisations."""
    confirmations = list(confirmations)
    organisations = {row.organisation_id for row in confirmations if row.organisation_id}
    members: dict[int, list[int]] = defaultdict(list)
    rows = Membership.objects.filter(organisation__in=organisations, role__in=ROLES, user__is_active=True)
    for organisation, user in rows.values_list("organisation_id", "user_id"):
        members[organisation].append(user)
    return {
        row.pk: [row.broker.user_id] if row.broker and row.broker.user_id else members.get(row.organisation_id or 0, [])
        for row in confirmations
    }


def deal_path(confirmation: Confirmation) -> str:
    """The page of the deal, which an author may open, other than the page on which the party answers."""
    deal = SUBJECTS[confirmation.subject].deal_of(confirmation.subject_id)
    return reverse("deal", args=[deal.public_id]) if deal else ""


def about(confirmation: Confirmation) -> str:
    return f"confirmation {confirmation.public_id}"


def _addressee(confirmation: Confirmation) -> str:
    return "您" if confirmation.broker_id else "贵单位"


def _draft(writer: TextWriter, person: int, confirmation: Confirmation) -> NoticeDraft:
    values = {
        "对象": _addressee(confirmation),
        "身份": str(confirmation.get_role_display()),
        "类别": str(matter_label(confirmation)),
        "名称": confirmation.title[:60],
    }
    text = writer.sentence(values)
    path = reverse("confirmation", args=[confirmation.public_id])
    return NoticeDraft(person, NoticeKind.CONFIRM, text, path, about(confirmation), about(confirmation))


def _draft_of_many(writer: TextWriter, person: int, number: int, first: Confirmation, key: str) -> NoticeDraft:
    text = writer.sentence({"项数": str(number)})
    return NoticeDraft(person, NoticeKind.CONFIRM, text, reverse("confirmations"), about(first), key)


def _to_party(confirmation: Confirmation, text: str, suffix: str) -> None:
    people = answerers([confirmation]).get(confirmation.pk, [])
    path = reverse("confirmation", args=[confirmation.public_id])
    key = f"{about(confirmation)} {suffix}"
    notify(NoticeDraft(person, NoticeKind.CONFIRM, text, path, about(confirmation), key) for person in people)
