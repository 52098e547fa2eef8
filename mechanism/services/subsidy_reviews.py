"""Reviews of an application for 专项资金 by named experts, without those who have a reason for recusal."""

from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.services import record
from core.plain_text import clean_required_text
from mechanism.evaluation import RecusalFacts, recusal_reasons
from mechanism.models import Expert, RelatedParties, SubsidyApplication, SubsidyReview
from mechanism.services.evaluations import recusal_facts
from mechanism.services.measures import require_city_staff
from mechanism.services.subsidy_notices import notify_city
from taxonomy.money import wan_text

REVIEW_DAYS = 14
LEAST_REASON = 10
Status = SubsidyReview.Status


def find_subsidy_recusal_reasons(expert: Expert, application: SubsidyApplication) -> list[str]:
    """Why the expert must not review the application: same unit as the applicant or a party of the contract, a related
    unit, or a tie to the achievement and its completers."""
    organisation, contract = application.organisation, application.contract
    units = [organisation.name, organisation.short_name, *organisation.former_names]
    if contract is not None:
        units += [contract.seller_name, contract.buyer_name]
    own = [expert.unit, *([expert.organisation.name] if expert.organisation else [])]
    facts = RecusalFacts(expert.name, own, [unit for unit in units if unit], (), unit_word="申报或签约单位")
    reasons = recusal_reasons(facts)
    if application.achievement is not None:
        reasons += recusal_reasons(recusal_facts(expert, application.achievement))
    if _is_related(expert, application):
        reasons.append("所在单位与申报单位登记为关联单位")
    return list(dict.fromkeys(reasons))


def _is_related(expert: Expert, application: SubsidyApplication) -> bool:
    if expert.organisation_id is None:
        return False
    pair = Q(one=expert.organisation_id, other=application.organisation_id)
    pair |= Q(other=expert.organisation_id, one=application.organisation_id)
    return RelatedParties.objects.in_effect(timezone.localdate()).filter(pair).exists()


@transaction.atomic
def invite_subsidy_reviewers(application: SubsidyApplication, *, experts: list[Expert], by: User) -> None:
    """Invite experts. Raises PermissionDenied, or ValidationError with the reason of each expert who must recuse."""
    require_city_staff(by)
    row = _locked_in_review(application)
    if not experts:
        raise ValidationError("请选择要邀请的专家。")
    problems = [
        f"{expert}应当回避：{'；'.join(reasons)}。"
        for expert in experts
        if (reasons := find_subsidy_recusal_reasons(expert, row))
    ]
    asked = set(row.reviews.values_list("expert", flat=True))
    problems += [f"已邀请过{expert}。" for expert in experts if expert.pk in asked]
    problems += [f"{expert}现在不可邀请。" for expert in experts if not expert.is_active]
    if problems:
        raise ValidationError(problems)
    due_on = timezone.localdate() + timedelta(days=REVIEW_DAYS)
    SubsidyReview.objects.bulk_create(
        SubsidyReview(application=row, expert=expert, due_on=due_on) for expert in experts
    )
    record("邀请评审专家", row, by=by, changes={"experts": [None, len(experts)]})


@transaction.atomic
def give_advice(review: SubsidyReview, *, advice: str, reason: str, advised_wan: Decimal | None) -> None:
    """The expert's advice. They are not signed in: only they know the code of the address. Raises ValidationError."""
    row = _open_review(review)
    if advice not in SubsidyReview.Advice.values:
        raise ValidationError("请选择建议支持或建议不支持。")
    if len(reason.strip()) < LEAST_REASON:
        raise ValidationError(f"请写明理由（不少于 {LEAST_REASON} 个字）。")
    requested = row.application.requested_wan
    if advice == SubsidyReview.Advice.SUPPORT:
        if advised_wan is None or advised_wan <= 0:
            raise ValidationError("建议支持的，请填建议金额（万元）。")
        if requested is not None and advised_wan > requested:
            raise ValidationError(f"建议金额不能超过申请的 {wan_text(requested)} 万元。")
    _close(
        row,
        Status.GIVEN,
        reason.strip()[:1000],
        advice=advice,
        advised_wan=advised_wan if advice == "support" else None,
    )
    record("专家评审专项资金申报", row.application, by=None, changes={"opinion": [None, row.pk]})
    if not row.application.reviews.filter(status=Status.ASKED).exists():
        title = row.application.title[:60]
        notify_city(row.application, f"“{title}”的专家都已答复，可以作出决定。", f"reviewed {row.pk}")
    review.refresh_from_db()


@transaction.atomic
def recuse_reviewer(review: SubsidyReview, *, reason: str) -> None:
    """回避, declared by the expert. Raises ValidationError."""
    row = _open_review(review)
    reason = clean_required_text(reason, "请说明回避的原因，例如与申报单位有合作。", 300)
    _close(row, Status.RECUSED, reason)
    record("评审专家回避", row.application, by=None, changes={"opinion": [None, row.pk]})
    notify_city(
        row.application, f"{row.expert}回避评审“{row.application.title[:60]}”，请另请专家。", f"recused {row.pk}"
    )
    review.refresh_from_db()


@transaction.atomic
def release_reviewer(review: SubsidyReview, *, by: User, reason: str) -> None:
    """End the invitation of an expert who has not answered. Raises PermissionDenied, ValidationError."""
    require_city_staff(by)
    row = _open_review(review)
    _close(row, Status.RELEASED, clean_required_text(reason, "请写明为什么撤销邀请。", 300))
    record(
        "撤销评审邀请",
        row.application,
        by=by,
        changes={"expert": [row.expert_id, None], "reason": [None, reason[:200]]},
    )


def shown_reviews(application: SubsidyApplication) -> bool:
    """Whether the office may read the advice: when nobody still has to answer, so that no advice follows another."""
    return not application.reviews.filter(status=Status.ASKED).exists()


def _close(row: SubsidyReview, status: str, reason: str, **values: object) -> None:
    SubsidyReview.objects.filter(pk=row.pk).update(status=status, reason=reason, answered_at=timezone.now(), **values)


def _open_review(review: SubsidyReview) -> SubsidyReview:
    application = _locked_in_review(review.application)
    row = SubsidyReview.objects.select_for_update(of=("self",)).select_related("expert").get(pk=review.pk)
    row.application = application
    if row.status != Status.ASKED:
        raise ValidationError(f"这份评审{row.get_status_display()}，不能再改。")
    return row


def _locked_in_review(application: SubsidyApplication) -> SubsidyApplication:
    row = (
        SubsidyApplication.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organisation", "achievement__institution", "contract", "call")
        .get(pk=application.pk)
    )
    if row.status != SubsidyApplication.Status.REVIEW:
        raise ValidationError(f"这份申报{row.get_status_display()}，现在不在评审中。")
    return row
