"""Money of a deal: the payment plan of a contract (付款计划), and what was received (到账)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from deals.models.confirmation import hash_of_facts
from deals.models.contract import Contract
from deals.models.deal import Deal, DealFile
from deals.models.evidence import CheckedQuerySet, CheckedRecord, check_is_complete

MONEY: DecimalField = DecimalField(max_digits=16, decimal_places=2)
NOTHING = Value(Decimal(0), output_field=MONEY)


class PaymentQuerySet(CheckedQuerySet["Payment"]):
    party_paths = {"seller": "deal__seller", "buyer": "deal__buyer"}

    def counted(self) -> "PaymentQuerySet":
        """All but those recorded by mistake, which are struck and not deleted."""
        return self.filter(struck_at=None)

    def received(self) -> "PaymentQuerySet":
        """The only payments that are money in figures, honours and lists.

        Not struck, confirmed by payer and payee without objection, with a voucher that the registration office has
        checked, and of a deal whose terms both confirmed.
        """
        deals = Deal.objects.confirmed_by_all_parties().order_by()
        return self.counted().checked().confirmed_by_all_parties().filter(deal__in=deals.values("pk"))

    def one_sided(self) -> "PaymentQuerySet":
        """单方: one side says so and the other has not answered. Shown as such, no money in any figure."""
        rows = self.counted().without_objection()
        seller, buyer = self.has_confirmed("seller"), self.has_confirmed("buyer")
        return rows.filter(Q(seller) & ~Q(buyer) | ~Q(seller) & Q(buyer))

    def undisputed(self) -> "PaymentQuerySet":
        """What is said to be paid, and nobody objects. A reminder to pay takes these into account."""
        return self.counted().without_objection()

    def awaiting_check(self) -> "PaymentQuerySet":
        """Confirmed by both sides, with a voucher that the registration office has not checked yet."""
        return self.counted().unchecked().exclude(voucher=None).confirmed_by_all_parties()

    def without_voucher(self) -> "PaymentQuerySet":
        return self.counted().filter(voucher=None)

    def visible_to(self, user: User) -> "PaymentQuerySet":
        return self.filter(deal__in=Deal.objects.visible_to(user).order_by().values("pk"))


class Payment(CheckedRecord):
    """到账: one instalment that was received, not one that is due."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="payments", verbose_name="成交项目")
    contract = models.ForeignKey(
        Contract, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name="合同"
    )
    amount_wan = models.DecimalField("到账金额（万元）", max_digits=12, decimal_places=2)
    received_on = models.DateField("到账日期")
    note = models.CharField("说明", max_length=200, blank=True)
    voucher = models.ForeignKey(
        DealFile, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name="凭证"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="记录人"
    )
    made_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)
    struck_at = models.DateTimeField("划去时间", null=True, editable=False)
    struck_reason = models.CharField("划去原因", max_length=200, blank=True, default="", db_default="", editable=False)
    facts_hash = hash_of_facts("deal", "amount_wan", "received_on", days=("received_on",))
    evidence_hash = hash_of_facts("deal", "amount_wan", "received_on", "voucher", days=("received_on",))

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "到账"
        verbose_name_plural = "到账"
        ordering = ["received_on", "pk"]
        permissions = [("check_payment", "核实到账凭证")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=Decimal(0)),
                name="payment_is_positive",
                violation_error_message="到账金额要大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(struck_at=None, struck_reason="") | Q(struck_at__isnull=False) & ~Q(struck_reason=""),
                name="payment_struck_with_reason",
                violation_error_message="划去一笔到账请说明原因。",
            ),
            check_is_complete("payment_checked_by_somebody"),
            models.CheckConstraint(
                condition=~Q(check_result="accepted") | Q(voucher__isnull=False),
                name="payment_checked_has_voucher",
                violation_error_message="没有凭证的到账不能核实，请先补凭证。",
            ),
        ]

    def __str__(self):
        return f"{self.received_on} {self.amount_wan}"


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    def planned(self) -> "InstalmentQuerySet":
        """Not withdrawn, of a contract that is in force or being registered."""
        return self.filter(withdrawn_at=None, contract__status__in=Contract.LIVE)

    def with_paid(self) -> "InstalmentQuerySet":
        """Annotates `planned_wan`: what is planned until and with this instalment, and `paid_wan`: what payments that
        nobody objects to have covered of the whole plan. Payments cover the plan in the order of its days."""
        earlier = Instalment.objects.filter(contract=OuterRef("contract"), withdrawn_at=None)
        until = Q(due_on__lt=OuterRef("due_on")) | Q(due_on=OuterRef("due_on"), pk__lte=OuterRef("pk"))
        paid = Payment.objects.undisputed().filter(contract=OuterRef("contract"))
        return self.annotate(planned_wan=_sum(earlier.filter(until)), paid_wan=_sum(paid))

    def unpaid(self) -> "InstalmentQuerySet":
        """Planned, and the payments do not cover all of it. Annotates as `with_paid`, and `open_wan`: what is open."""
        rows = self.planned().with_paid().filter(planned_wan__gt=F("paid_wan"))
        left = ExpressionWrapper(F("planned_wan") - F("paid_wan"), output_field=MONEY)
        return rows.annotate(left_wan=left, open_wan=Least(F("amount_wan"), F("left_wan")))

    def overdue(self, on: date | None = None) -> "InstalmentQuerySet":
        """Unpaid after its day."""
        return self.unpaid().filter(due_on__lt=on or timezone.localdate())

    def due_until(self, last: date) -> "InstalmentQuerySet":
        """Unpaid and due by that day, the overdue ones included."""
        return self.unpaid().filter(due_on__lte=last)

    def visible_to(self, user: User) -> "InstalmentQuerySet":
        return self.filter(contract__in=Contract.objects.visible_to(user).order_by().values("pk"))


def _sum(rows: models.QuerySet) -> Coalesce:
    totals = rows.order_by().values("contract").annotate(total=Sum("amount_wan")).values("total")
    return Coalesce(Subquery(totals, output_field=MONEY), NOTHING)


class Instalment(PlainText, models.Model):
    """付款计划中的一期: what the buyer has to pay by a day."""

    class State(models.TextChoices):
        PAID = "paid", "已付清"
        PARTLY = "partly", "已付一部分"
        PLANNED = "planned", "未到期"
        OVERDUE = "overdue", "逾期未付"
        WITHDRAWN = "withdrawn", "已撤销"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    contract = models.ForeignKey(Contract, models.PROTECT, related_name="instalments", verbose_name="合同")
    due_on = models.DateField("应付日期")
    amount_wan = models.DecimalField("应付金额（万元）", max_digits=12, decimal_places=2)
    condition = models.CharField("付款条件", max_length=200, blank=True, help_text="如合同签订后 10 日内、验收合格后")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="记录人"
    )
    made_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, editable=False)
    withdrawn_reason = models.CharField("撤销原因", max_length=200, blank=True, default="", editable=False)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        verbose_name = "付款计划"
        verbose_name_plural = "付款计划"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=Decimal(0)),
                name="instalment_is_positive",
                violation_error_message="应付金额要大于 0。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason=""),
                name="instalment_withdrawn_with_reason",
                violation_error_message="撤销一期付款计划请说明原因。",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(withdrawn_at=None), name="instalment_by_day"),
        ]

    def __str__(self):
        return f"{self.due_on} {self.amount_wan}"

    def state_on(self, today: date) -> str:
        """A key of `State`; the row comes from `with_paid()`."""
        row: Any = self
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if row.paid_wan >= row.planned_wan:
            return self.State.PAID
        if self.due_on < today:
            return self.State.OVERDUE
        return self.State.PARTLY if row.paid_wan > row.planned_wan - self.amount_wan else self.State.PLANNED
