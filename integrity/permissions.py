"""Who may handle a case: a city officer who is neither its author nor one of its parties."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.models import User
from audit.models import AuditRecord
from deals.models import Contract, Deal, Payment
from integrity.authors import WRITING_ACTIONS
from integrity.models import Case


def recusal_reason(case: Case, user: User) -> str:
    """Why the user may not handle the case, as a sentence; empty if nothing speaks against it."""
    scope = user.scope
    own = scope.firm_ids | scope.institution_ids | scope.agency_ids
    if case.organisations.filter(pk__in=own).exists():
        return "您代表这条线索的一方当事单位，请由其他市级专员办理。"
    contracts = Contract.objects.filter(pk__in=case.rows.values("contract"))
    payments = Payment.objects.filter(pk__in=case.rows.values("payment"))
    deals = Deal.objects.filter(
        Q(pk__in=case.rows.values("deal")) | Q(pk__in=contracts.values("deal")) | Q(pk__in=payments.values("deal"))
    )
    brokered = Q(broker__user=user) | Q(agency__organisation__in=own)
    if contracts.filter(brokered).exists() or deals.filter(brokered).exists():
        return "您是其中记录的技术经纪人或服务机构，请由其他市级专员办理。"
    written = AuditRecord.objects.filter(
        object_type=Contract._meta.label_lower,
        object_id__in=[str(pk) for pk in contracts.values_list("pk", flat=True)],
        action__in=WRITING_ACTIONS,
        actor=user,
    )
    if (
        deals.filter(Q(made_by=user) | Q(follow_up__owner=user)).exists()
        or payments.filter(made_by=user).exists()
        or contracts.filter(source_file__uploaded_by=user).exists()
        or written.exists()
    ):
        return "其中的记录由您登记或导入，请由其他市级专员办理。"
    return ""


def require_handler(case: Case, user: User) -> None:
    if not user.scope.is_city:
        raise PermissionDenied("诚信线索由市级专员办理。")
    if reason := recusal_reason(case, user):
        raise PermissionDenied(reason)
