"""Sources of open work (待办): mandates that wait for the user's answer, and documents that staff have to check."""

from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import Membership, User
from mandates.models import Mandate
from open_work.sources import Clock, OpenWork


def mandate_work(user: User) -> list[OpenWork]:
    scope = user.scope
    works = []
    if scope.firm_ids or scope.institution_ids or scope.is_broker:
        works.append(
            OpenWork(
                "mandates-to-answer",
                "待确认的委托",
                Mandate.objects.awaiting(user).with_sides(),
                Clock("proposed_at"),
                reverse("mandates"),
                "确认委托",
                "本单位",
                _page,
            )
        )
    if scope.is_city or scope.is_district:
        works.append(
            OpenWork(
                "mandates-to-check",
                "待核对的委托书",
                documents_to_check(user).with_sides(),
                Clock("proposed_at"),
                reverse("mandates"),
                "核对委托书",
                "区县专员",
                _page,
            )
        )
    return works


def documents_to_check(user: User):
    """Proposals of agents with a document, whose clients have nobody to confirm them."""
    officers = Membership.objects.active().filter(organisation=OuterRef("client"))
    waiting = Mandate.objects.managed_by(user).proposed().filter(proposed_side=Mandate.Side.AGENT)
    return waiting.exclude(file="").exclude(Exists(officers))


def _page(mandate: Mandate) -> str:
    return reverse("mandate", args=[mandate.public_id])
