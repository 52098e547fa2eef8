"""The week's work of the demo: the trail of its contracts, payment plans with letters, saved views of the lists."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Role, User
from audit.models import AuditRecord
from deals.models import Contract, Instalment, PaymentLetter
from deals.services.payment_letters import LetterTerms, send_payment_letter
from portal.demo.people import DemoContext
from subscriptions.models import SavedView
from subscriptions.services.saved_views import save_view

PLANNED_CONTRACTS = 6
OVERDUE_FOR = (75, 40, 12)
"""Days since the first instalments of the planned contracts were due; the others are due in the future."""
VIEWS = (
    ("contracts", "待登记的合同", "status=submitted"),
    ("contracts", "亿元以上", "amount_from=10000&sort=amount"),
    ("deals", "签约超期未登记", "show=signed&late=registration&sort=waiting"),
)


def load_week(demo: DemoContext) -> None:
    """Runs once, after deals, contracts and their confirmations are loaded."""
    if SavedView.objects.exists():
        return
    _load_trail(demo.city)
    _load_plans(demo)
    for page, name, query in VIEWS:
        save_view(page, name=name, query=query, by=demo.city)


def _load_trail(by: User) -> None:
    """How each contract came in, on the day of its registration: the loader writes the rows without the services."""
    recorded = set(AuditRecord.objects.filter(object_type="deals.contract").values_list("object_id", flat=True))
    entries: list[AuditRecord] = []
    for contract in Contract.objects.select_related("deal").order_by("pk"):
        if str(contract.pk) not in recorded:
            entries += _entries_of(contract, by)
    with _at_their_own_time():
        AuditRecord.objects.bulk_create(entries, batch_size=1000)


def _entries_of(contract: Contract, by: User) -> Iterator[AuditRecord]:
    def entry(action: str, day: date, hour: int, changes: dict) -> AuditRecord:
        return AuditRecord(
            at=timezone.make_aware(datetime.combine(day, time(hour))), actor=by, actor_name=str(by), action=action,
            object_type="deals.contract", object_id=str(contract.pk), object_label=contract.name[:200],
            changes=changes, origin="命令",
        )  # fmt: skip

    if contract.source_file_id and contract.registered_on:
        yield entry("登记名单导入", contract.registered_on, 17, {"number": [None, contract.number]})
    elif contract.signed_on:
        deal = {"deal": [None, contract.deal.public_id]} if contract.deal else {}
        yield entry("填报技术合同", contract.signed_on, 10, deal)
        yield entry("提交合同登记", contract.signed_on, 15, {"status": ["preparing", "submitted"]})
        if contract.registered_on:
            sums = {"amount_wan": [None, str(contract.amount_wan)], "number": [None, contract.number]}
            yield entry("认定登记技术合同", contract.registered_on, 16, {"status": ["submitted", "registered"]} | sums)


@contextmanager
def _at_their_own_time() -> Iterator[None]:
    """Let new audit records keep the time that they state. Only for loading the past of the demo."""
    field = AuditRecord._meta.get_field("at")
    field.auto_now_add = False
    try:
        yield
    finally:
        field.auto_now_add = True


def _load_plans(demo: DemoContext) -> None:
    """Two instalments for some confirmed contracts. Of the overdue ones, the first has got a letter of its seller."""
    planned = Instalment.objects.values("contract")
    contracts = Contract.objects.confirmed().filter(deal__isnull=False, amount_wan__gt=1, signed_on__isnull=False)
    rows = list(contracts.exclude(pk__in=planned).order_by("-signed_on", "pk")[:PLANNED_CONTRACTS])
    today = timezone.localdate()
    for number, contract in enumerate(rows):
        half = (contract.amount_wan / 2).quantize(Decimal("0.01"))
        first = today - timedelta(days=OVERDUE_FOR[number]) if number < len(OVERDUE_FOR) else today + timedelta(days=20)
        signed = contract.signed_on or today
        days = (max(first, signed), max(today, signed) + timedelta(days=150))
        amounts = (half, contract.amount_wan - half)
        for due_on, amount, condition in zip(days, amounts, ("首期", "验收合格后"), strict=True):
            Instalment.objects.create(
                contract=contract, due_on=due_on, amount_wan=amount, condition=condition, made_by=demo.city
            )
    _send_one_letter(demo)


def _send_one_letter(demo: DemoContext) -> None:
    """By the seller's own officer, ten days ago, so that the next one may be sent."""
    sellers = {user.pk: user for user in demo.people.values()}
    for instalment in Instalment.objects.overdue().select_related("contract__seller").order_by("due_on", "pk"):
        seller = instalment.contract.seller
        rows = seller.memberships.filter(role=Role.INSTITUTION).order_by("-pk") if seller else ()
        by = next((sellers[row.user_id] for row in rows if row.user_id in sellers), None)
        if by is None or instalment.due_on > timezone.localdate() - timedelta(days=30):
            continue
        try:
            terms = LetterTerms(timezone.localdate() + timedelta(days=15), "付款账户以合同为准。")
            letter = send_payment_letter(instalment, terms, by=by)
        except ValidationError:
            continue
        ago = timezone.now() - timedelta(days=10)
        PaymentLetter.objects.filter(pk=letter.pk).update(sent_at=ago, sent_on=timezone.localdate(ago))
        return
