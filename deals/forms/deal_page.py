"""Which forms the page of a deal offers to a user."""

from django.utils import timezone

from accounts.models import User
from deals.forms.base import DealForm
from deals.forms.deal_parts import (
    EvidenceForm,
    ObjectionForm,
    ProlongForm,
    PublicityForm,
    SettleForm,
    settleable_objections,
)
from deals.forms.deal_stages import CorrectForm, FailForm, SignForm, StageForm
from deals.forms.evidence import (
    CheckLandingForm,
    CheckPaymentForm,
    CompleteLandingForm,
    LandingForm,
    PaymentForm,
    StrikeForm,
    VoucherForm,
)
from deals.forms.instruments import INSTRUMENT_FORMS, AcceptanceForm, OpenChallengeForm
from deals.models import Deal
from deals.permissions import may_accept_challenge, may_contribute_to_deal, may_manage_deal, may_publish_price

Stage = Deal.Stage
MANAGER_FORMS = (SignForm, StageForm, CorrectForm, FailForm, StrikeForm)
CONTRIBUTOR_FORMS = (
    *(PaymentForm, VoucherForm, LandingForm, CompleteLandingForm),
    *(PublicityForm, ProlongForm, ObjectionForm, SettleForm, EvidenceForm),
    *(*INSTRUMENT_FORMS, AcceptanceForm),
)
CHECK_FORMS = (CheckPaymentForm, CheckLandingForm)
DEAL_FORMS = {form.action: form for form in (*MANAGER_FORMS, *CONTRIBUTOR_FORMS, *CHECK_FORMS)}
FIRST_FORMS = (*CHECK_FORMS, SignForm, CompleteLandingForm, PaymentForm, VoucherForm, StageForm, LandingForm)


def available_forms(deal: Deal, user: User) -> list[type[DealForm]]:
    """The forms that the user may send for the deal in its present stage, the usual next one first."""
    if not may_contribute_to_deal(deal, user):
        return []
    stage = deal.stage
    available: list[type[DealForm]] = [EvidenceForm]
    if stage == Stage.FAILED:
        return available
    available += _publicity_forms(deal, user) if stage == Stage.INTENT else _evidence_forms(deal, user)
    available += _instrument_forms(deal, user)
    if stage == Stage.INTENT or may_manage_deal(deal, user):
        available.append(CorrectForm)
    if may_manage_deal(deal, user):
        available += [SignForm] if stage == Stage.INTENT else []
        available += [StageForm]
        if stage in (Stage.INTENT, Stage.SIGNED, Stage.REGISTERED, Stage.PERFORMING):
            available.append(FailForm)
        if deal.payments.counted().exists():
            available.append(StrikeForm)
    return sorted(available, key=lambda form: FIRST_FORMS.index(form) if form in FIRST_FORMS else len(FIRST_FORMS))


def _instrument_forms(deal: Deal, user: User) -> list[type[DealForm]]:
    """The terms of a published call are not written here; its work is accepted once there is a contract."""
    if deal.origin != Deal.Origin.CHALLENGE:
        return [*INSTRUMENT_FORMS]
    others: list[type[DealForm]] = [form for form in INSTRUMENT_FORMS if form is not OpenChallengeForm]
    may_accept = deal.stage != Stage.INTENT and may_accept_challenge(deal, user)
    return [AcceptanceForm, *others] if may_accept else others


def _publicity_forms(deal: Deal, user: User) -> list[type[DealForm]]:
    may_publish = may_publish_price(deal, user)
    available: list[type[DealForm]] = [PublicityForm] if may_publish else []
    publicity = deal.publicities.first()
    if publicity and publicity.starts_on <= timezone.localdate():
        available.append(ObjectionForm)
    if may_publish and publicity and publicity.ends_on >= timezone.localdate():
        available.append(ProlongForm)
    if may_publish and settleable_objections(deal, user):
        available.append(SettleForm)
    return available


def _evidence_forms(deal: Deal, user: User) -> list[type[DealForm]]:
    available: list[type[DealForm]] = [PaymentForm, LandingForm]
    available += [VoucherForm] if VoucherForm.rows_of(deal).exists() else []
    available += [CompleteLandingForm] if CompleteLandingForm.rows_of(deal).exists() else []
    if user.scope.is_city:
        if user.has_perm("deals.check_payment") and CheckPaymentForm.rows_of(deal, user).exists():
            available.append(CheckPaymentForm)
        if user.has_perm("deals.check_landing") and CheckLandingForm.rows_of(deal, user).exists():
            available.append(CheckLandingForm)
    return available
