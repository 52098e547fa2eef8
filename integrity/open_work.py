"""Sources of open work (待办) of the integrity check: cases to decide, and what a party is asked to explain."""

from django.urls import reverse

from accounts.models import User
from integrity.models import Case, Explanation
from open_work.sources import Clock, OpenWork


def integrity_work(user: User) -> list[OpenWork]:
    """For the city the queue and the questions it waits for; for the others what their organisations are asked."""
    if not user.scope.sees_all:
        return [_explanations(user)] if user.scope.organisation_ids else []
    return [_cases(user), _awaited_explanations(user)]


def _cases(user: User) -> OpenWork:
    return OpenWork(
        "integrity-cases",
        "待核查的诚信线索",
        Case.objects.visible_to(user).awaiting_decision(),
        Clock("seen_at"),
        reverse("integrity_cases"),
        "核查线索",
        "市级专员",
        lambda row: reverse("integrity_case", args=[row.public_id]),
        title_of=lambda row: row.sentence[:60],
        is_watched=not user.scope.is_city,
    )


def _awaited_explanations(user: User) -> OpenWork:
    return OpenWork(
        "awaited-explanations",
        "等当事方的说明",
        Explanation.objects.visible_to(user).pending().select_related("organisation", "case"),
        Clock("asked_at", due="due_on"),
        reverse("integrity_cases"),
        "看线索",
        "当事方",
        lambda row: reverse("integrity_case", args=[row.case.public_id]),
        title_of=lambda row: row.question[:60],
        owner_of=lambda row: row.organisation.name,
        is_watched=True,
    )


def _explanations(user: User) -> OpenWork:
    return OpenWork(
        "explanations",
        "待答复的说明请求",
        Explanation.objects.addressed_to(user).pending().select_related("organisation"),
        Clock("asked_at", due="due_on"),
        reverse("integrity_explanations"),
        "去说明",
        "本单位",
        lambda row: reverse("integrity_explanation", args=[row.public_id]),
        title_of=lambda row: row.question[:60],
    )
