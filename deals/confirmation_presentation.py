"""What pages show of confirmations, and which forms they offer to whom."""

from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from deals.confirmation_subjects import SUBJECTS
from deals.forms.confirmations import (
    CheckProofForm,
    ConfirmationForm,
    ConfirmForm,
    DecideForm,
    LinkForm,
    ObjectForm,
    ProofForm,
)
from deals.models import Confirmation, Contract, Deal
from deals.permissions import may_manage_deal, represents_party
from deals.services.objections import deal_of, has_answerers

Status = Confirmation.Status


def available_forms(confirmation: Confirmation, user: User) -> list[type[ConfirmationForm]]:
    """The forms that the user may send now. The staff never gets the two answers of a party."""
    if confirmation.status == Status.EXPIRED:
        return [DecideForm] if _may_decide(confirmation, user) else []
    forms: list[type[ConfirmationForm]] = []
    if represents_party(user, confirmation):
        forms += [ConfirmForm] if confirmation.status != Status.CONFIRMED else []
        forms += [ObjectForm] if confirmation.status != Status.OBJECTED else []
    if _may_decide(confirmation, user):
        forms.append(DecideForm)
    if confirmation.is_pending and _is_writing_staff(user) and not has_answerers(confirmation):
        deal = deal_of(confirmation)
        may_prove = deal is not None and may_manage_deal(deal, user)
        if confirmation.proof_id and user.scope.is_city:
            forms.append(CheckProofForm)
        elif may_prove and not confirmation.proof_id:
            forms.append(ProofForm)
        if confirmation.organisation_id and Confirmation.objects.managed_by(user).filter(pk=confirmation.pk).exists():
            forms.append(LinkForm)
    return forms


def _may_decide(confirmation: Confirmation, user: User) -> bool:
    return user.scope.is_city and confirmation.objected_at is not None and not confirmation.decision


def _is_writing_staff(user: User) -> bool:
    return user.scope.is_city or user.scope.is_district


def related_confirmations(confirmation: Confirmation, user: User) -> list[Confirmation]:
    """The other answers about the same record: for who may read the record itself, or sees all of them."""
    rows = Confirmation.objects.filter(subject=confirmation.subject, subject_id=confirmation.subject_id)
    rows = rows.exclude(pk=confirmation.pk).select_related("organisation", "broker", "answered_by")
    if not (user.scope.sees_all or record_url(confirmation, user)):
        rows = Confirmation.objects.visible_to(user).filter(pk__in=rows.values("pk"))
        rows = rows.select_related("organisation", "broker", "answered_by")
    return list(rows.order_by("-asked_at", "-pk")[:20])


def author_text(confirmation: Confirmation) -> str:
    """The organisations of who made the record; not the person, whom the reader need not know."""
    if confirmation.asked_by is None:
        return "系统"
    names = confirmation.asked_by.memberships.order_by("pk").values_list("organisation__name", flat=True)
    return "、".join(dict.fromkeys(names)) or "平台工作人员"


def record_url(confirmation: Confirmation, user: User) -> str:
    """The page of the deal or contract, if the user may open it."""
    if confirmation.subject == Contract._meta.label_lower:
        contract = Contract.objects.visible_to(user).filter(pk=confirmation.subject_id).first()
        return reverse("contract", args=[contract.public_id]) if contract else ""
    deal = deal_of(confirmation)
    if deal is None or not Deal.objects.visible_to(user).filter(pk=deal.pk).exists():
        return ""
    return reverse("deal", args=[deal.public_id])


def history_of(rows: list[Model], user: User) -> list[Confirmation]:
    """All confirmations of these records, the newest first, each with `is_open`: whether the user may open its page."""
    history: list[Confirmation] = []
    for label in SUBJECTS:
        pks = [row.pk for row in rows if row._meta.label_lower == label]
        if pks:
            of_rows = Confirmation.objects.filter(subject=label, subject_id__in=pks)
            history += of_rows.select_related("organisation", "broker", "answered_by")
    visible = Confirmation.objects.visible_to(user).filter(pk__in=[row.pk for row in history])
    open_to_user = set(visible.values_list("pk", flat=True))
    for row in history:
        row.is_open = row.pk in open_to_user
    return sorted(history, key=lambda row: (row.asked_at, row.pk), reverse=True)
