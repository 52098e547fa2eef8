"""The records whose parties confirm them: who is named, what each is shown, and what follows from an answer.

Apps register their models; `deals.services.confirmations` works on any of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils import formats

from accounts.models import Organisation, User
from brokers.models import Broker
from deals.models import Confirmation, Contract, Deal, Landing, Payment
from deals.models.confirmation import ConfirmableQuerySet

Role = Confirmation.Role
type Facts = list[list[str]]


@dataclass(frozen=True)
class NamedParty:
    """A party by its role, and by the name that the author wrote, if he wrote one.

    Neither an organisation nor a broker: the name belongs to nobody who is registered.
    """

    role: str
    organisation: Organisation | None = None
    broker: Broker | None = None
    name: str = ""


@dataclass(frozen=True)
class ConfirmableSubject:
    """How the parties of a model confirm.

    matters: key of `Confirmation.matter` → label. rows: all rows with what the functions read. matter: its key for a
    row; empty if nobody is asked now. facts: what the party in a role is shown. counted: the rows that count.
    after_answer: called after each answer with the row, the user (None for a link) and whether the row counted
    before. deal_field: the field with the id of the deal it belongs to, which is locked first.
    """

    model: type[Model]
    matters: dict[str, str]
    rows: Callable[[], ConfirmableQuerySet]
    matter: Callable[[Any], str]
    title: Callable[[Any], str]
    parties: Callable[[Any], list[NamedParty]]
    facts: Callable[[Any, str], Facts]
    counted: Callable[[], ConfirmableQuerySet]
    after_answer: Callable[[Any, User | None, bool], None] = lambda row, by, was_counted: None
    deal_field: str = ""

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    def deal_of(self, pk: int) -> Deal | None:
        """The deal that a row belongs to, without what the page of a deal reads."""
        if not self.deal_field:
            return None
        rows = self.model._base_manager.filter(pk=pk)
        return Deal.objects.filter(pk__in=rows.values(self.deal_field)).first()


SUBJECTS: dict[str, ConfirmableSubject] = {}


def register_subject(subject: ConfirmableSubject) -> None:
    SUBJECTS[subject.label] = subject


def subject_of(row: Model) -> ConfirmableSubject:
    return SUBJECTS[row._meta.label_lower]


def matter_label(confirmation: Confirmation) -> str:
    return SUBJECTS[confirmation.subject].matters.get(confirmation.matter, "")


def facts_of(*lines: tuple[str, object]) -> Facts:
    """The lines that have a value, as texts."""
    return [[label, _text(value)] for label, value in lines if value not in (None, "")]


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f} 万元"
    return formats.date_format(value, "Y年n月j日") if isinstance(value, date) else str(value)


# --- Deals, contracts, payments, landings -----------------------------------------------------------------------------
def _two_parties(row: Any) -> list[NamedParty]:
    return [
        NamedParty(Role.SELLER, row.seller, name=row.seller_name),
        NamedParty(Role.BUYER, row.buyer, name=row.buyer_name),
    ]


def _deal_matter(deal: Deal) -> str:
    """The end of a deal is a matter only for those whom it bound."""
    from deals.services.settlement import was_binding

    if deal.stage == Deal.Stage.FAILED:
        return "failed" if was_binding(deal) else ""
    return "intent" if deal.stage == Deal.Stage.INTENT else "signed"


def _deal_facts(deal: Deal, role: str) -> Facts:
    way = deal.get_licence_display() or deal.get_way_display()
    return facts_of(
        ("项目", deal.name),
        ("转让方", deal.seller_label),
        ("受让方", deal.buyer_label),
        ("成果", deal.achievement),
        ("意向金额", deal.intent_wan),
        ("签约金额", deal.signed_wan),
        ("转化方式", way),
        ("定价方式", deal.get_pricing_display()),
        ("独占开始日期", deal.exclusive_from),
        ("未成原因", deal.get_failed_reason_display()),
        ("发生日期", deal.stage_on),
    )


def _contract_matter(contract: Contract) -> str:
    if contract.status not in (Contract.Status.SUBMITTED, Contract.Status.REGISTERED):
        return ""
    return "listed" if contract.official_hash else "contract"


def _contract_parties(contract: Contract) -> list[NamedParty]:
    parties = [party for party in _two_parties(contract) if party.organisation is not None]
    if contract.broker:
        parties.append(NamedParty(Role.BROKER, broker=contract.broker))
    if contract.agency:
        parties.append(NamedParty(Role.AGENCY, contract.agency.organisation))
    return parties


def _contract_facts(contract: Contract, role: str) -> Facts:
    """The intermediaries see who deals with whom, and no sum."""
    is_side = role in (Role.SELLER, Role.BUYER)
    return facts_of(
        ("合同", contract.name),
        ("类别", contract.get_kind_display()),
        ("卖方", contract.seller_name),
        ("买方", contract.buyer_name),
        ("合同成交额", contract.amount_wan if is_side else None),
        ("签订日期", contract.signed_on),
        ("登记编号", contract.number),
        ("技术经纪人", contract.broker),
        ("服务机构", contract.agency and contract.agency.organisation),
    )


def _payment_facts(payment: Payment, role: str) -> Facts:
    return facts_of(
        ("项目", payment.deal.name),
        ("付款方", payment.deal.buyer_label),
        ("收款方", payment.deal.seller_label),
        ("到账金额", payment.amount_wan),
        ("到账日期", payment.received_on),
        ("说明", payment.note),
    )


def _landing_facts(landing: Landing, role: str) -> Facts:
    return facts_of(
        ("项目", landing.deal.name),
        ("转让方", landing.deal.seller_label),
        ("受让方", landing.deal.buyer_label),
        ("落地形式", landing.get_kind_display()),
        ("名称", landing.name),
        ("统一社会信用代码", landing.credit_code),
        ("注册资本", landing.capital_wan),
        ("落地区市县", landing.region),
        ("外地注册地", landing.place),
        ("落地日期", landing.landed_on),
        ("新增就业（人）", landing.jobs),
        ("投资", landing.invested_wan),
        ("年新增产值", landing.yearly_output_wan),
    )


def register_deal_subjects() -> None:
    from deals.services.settlement import settle_contract, settle_deal

    register_subject(
        ConfirmableSubject(
            Deal,
            {"intent": "成交意向", "signed": "签约条件", "failed": "终止成交"},
            # `with_pair` joins twice as many tables: to plan it takes longer than all else of an answer.
            rows=lambda: Deal.objects.select_related(
                "seller", "buyer", "outside_achievement", "follow_up__match__achievement"
            ),
            matter=_deal_matter,
            title=lambda deal: deal.name,
            parties=_two_parties,
            facts=_deal_facts,
            counted=lambda: Deal.objects.active().confirmed_by_all_parties(),
            after_answer=settle_deal,
            deal_field="pk",
        )
    )
    register_subject(
        ConfirmableSubject(
            Contract,
            {"contract": "技术合同", "listed": "登记名单中的合同"},
            rows=lambda: Contract.objects.select_related("seller", "buyer", "broker", "agency__organisation", "deal"),
            matter=_contract_matter,
            title=lambda contract: contract.name,
            parties=_contract_parties,
            facts=_contract_facts,
            counted=lambda: Contract.objects.turnover(),
            after_answer=settle_contract,
            deal_field="deal",
        )
    )
    register_subject(_record_of_deal(Payment, "到账", _payment_facts, lambda: Payment.objects.received()))
    register_subject(
        _record_of_deal(Landing, "落地情况", _landing_facts, lambda: Landing.objects.confirmed_by_all_parties())
    )


def _record_of_deal(
    model: type[Payment] | type[Landing],
    label: str,
    facts: Callable[[Any, str], Facts],
    counted: Callable[[], ConfirmableQuerySet],
) -> ConfirmableSubject:
    """A record of a deal that both parties of the deal confirm, as long as it is not struck."""

    def rows() -> ConfirmableQuerySet:
        return model.objects.select_related("deal__seller", "deal__buyer")

    def title(row: Any) -> str:
        return f"{label}：{row.deal.name}"

    return ConfirmableSubject(
        model,
        {"record": label},
        rows=rows,
        matter=lambda row: "" if getattr(row, "struck_at", None) else "record",
        title=title,
        parties=lambda row: _two_parties(row.deal),
        facts=facts,
        counted=counted,
        deal_field="deal",
    )
