"""Notices to parties and officers about cases. A notice names no party and no sum."""

from collections.abc import Iterable

from django.urls import reverse

from integrity.models import Case, Explanation
from notices.models import NoticeKind
from notices.recipients import officers_of
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft

ROLES = ("firm_officer", "institution_officer", "broker")


def about(explanation: Explanation) -> str:
    return f"integrity.explanation {explanation.public_id}"


def explanations_asked(explanations: Iterable[Explanation]) -> None:
    for explanation in explanations:
        due = f"{explanation.due_on.month}月{explanation.due_on.day}日"
        text = f"市科技局请贵单位就登记的合同作出说明，请在 {due} 前答复，可以附材料。"
        _to_officers(explanation, text, "asked")


def explanation_due(explanation: Explanation) -> int:
    """Remind once before the day, and once after it."""
    if explanation.is_overdue:
        text = "请贵单位作出的说明已过期限，请尽快答复；没有说明的，由市科技局按现有材料决定。"
        return _to_officers(explanation, text, "overdue")
    text = f"请贵单位作出的说明到 {explanation.due_on.month}月{explanation.due_on.day}日 到期，还没有收到。"
    return _to_officers(explanation, text, "due")


def explanation_answered(explanation: Explanation) -> None:
    settle_notices(about(explanation), [NoticeKind.CONFIRM])
    text = f"当事方已就诚信线索（{explanation.case.get_signal_display()}）作出说明，请核查后决定。"
    path = reverse("integrity_case", args=[explanation.case.public_id])
    key = f"{about(explanation)} answered"
    notify([NoticeDraft(explanation.asked_by_id, NoticeKind.CONFIRM, text, path, about(explanation), key)])


def explanations_withdrawn(explanations: Iterable[Explanation]) -> None:
    for explanation in explanations:
        withdraw_notices(about(explanation))


def case_decided(case: Case, explanations: Iterable[Explanation]) -> None:
    """Tell those who were asked what was decided."""
    for explanation in explanations:
        text = f"贵单位说明过的事项已有决定：{case.get_outcome_display()}。"
        _to_officers(explanation, text, f"decided {case.revision}")


def _to_officers(explanation: Explanation, text: str, what: str) -> int:
    people = {
        person
        for role in ROLES
        for person in officers_of([explanation.organisation_id], role)[explanation.organisation_id]
    }
    path = reverse("integrity_explanation", args=[explanation.public_id])
    return notify(
        NoticeDraft(person, NoticeKind.CONFIRM, text, path, about(explanation), f"{about(explanation)} {what}")
        for person in sorted(people)
    )
