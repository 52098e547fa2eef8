"""A town whose people act through the services, for attempts to cheat."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from accounts.models import Organisation, Role, SourceFile, User
from accounts.services.source_files import store_source_file
from deals.models import Confirmation, Contract, Deal
from deals.services.confirmations import confirm
from deals.services.contract_imports import import_contracts
from deals.services.contracts import draft_contract, register_contract, submit_contract
from deals.services.deals import sign_deal
from deals.services.outside_deals import open_outside_deal
from tests import factories as make
from tests.deals.contract_lists import workbook


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


class Town:
    """Two city officers, and parties with an officer each. Rows of the office's list wait until `import_list`."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.city, self.other_city = make.city_officer(name="周录入"), make.city_officer(name="吴核查")
        self.rows: list[dict] = []

    def party(self, kind: str = "firm", name: str = "") -> Organisation:
        """A firm or an institution with a name of its own and one officer, `party.officer`."""
        letters = "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in f"{next(self.numbers):03}")
        suffix = "大学" if kind == "institution" else "科技有限公司"
        party = make.organisation(kind, name or f"大连{letters}{suffix}", stat_region=make.region("jinpu"))
        role = Role.INSTITUTION if kind == "institution" else Role.FIRM
        party.officer = make.user(role, party)
        return party

    def number(self, on: date) -> str:
        return f"{on.year}210200{next(self.numbers):06}"

    def list(self, seller, buyer, wan, *, signed: date | None = None, registered: date | None = None, **cells) -> dict:
        """A row for the office's list; parties are organisations or names."""
        registered = registered or day(-20)
        row = {
            "登记编号": self.number(registered),
            "合同名称": f"技术开发{next(self.numbers)}",
            "卖方名称": getattr(seller, "name", seller),
            "买方名称": getattr(buyer, "name", buyer),
            "合同成交额（万元）": str(wan),
            "技术交易额（万元）": str(wan),
            "签订日期": (signed or registered - timedelta(days=20)).isoformat(),
            "登记日期": registered.isoformat(),
        } | cells
        self.rows.append(row)
        return row

    def import_list(self) -> None:
        """The other officer imports, so that `city` has not written the rows."""
        rows, self.rows = self.rows, []
        stored = store_source_file(
            SourceFile.Kind.CONTRACTS, content=workbook(*rows), name="登记名单.xlsx", by=self.other_city
        )
        import_contracts(stored, by=self.other_city)

    def deal(self, seller, buyer, wan, *, on: date | None = None, achievement=None, **terms) -> Deal:
        """A deal outside the platform that both have confirmed and signed."""
        opened_on = on or day(-60)
        deal = open_outside_deal(
            name=f"成交{next(self.numbers)}",
            seller=seller,
            buyer=buyer,
            by=seller.officer,
            achievement=achievement,
            on=opened_on,
            intent_wan=Decimal(wan),
        )
        self.answer(deal)
        values = {"way": "service", "pricing": "listed"} | terms
        sign_deal(deal, on=opened_on, signed_wan=Decimal(wan), by=self.other_city, **values)
        self.answer(deal)
        return Deal.objects.get(pk=deal.pk)

    def contract(self, deal: Deal, *, wan=None, by: User | None = None, **values) -> Contract:
        """A contract of the deal that the seller fills in and the city registers by hand."""
        contract = draft_contract(deal, by=self.other_city)
        submit_contract(contract, by=self.other_city)
        self.answer(contract)
        registered = values.pop("registered_on", day(-10))
        amount = Decimal(wan) if wan is not None else deal.signed_wan
        register_contract(
            contract,
            number=values.pop("number", "") or self.number(registered),
            registered_on=registered,
            amount_wan=amount,
            by=by or self.other_city,
            **values,
        )
        self.answer(contract)
        return contract

    def answer(self, record) -> None:
        """The officers of the named parties confirm what waits for them."""
        for row in Confirmation.objects.of(record).pending().select_related("organisation", "broker__user"):
            if row.broker_id:
                person = row.broker.user
            else:
                person = User.objects.filter(memberships__organisation=row.organisation).order_by("pk").first()
            confirm(row, by=person, confirms_broker=True)
