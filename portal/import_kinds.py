"""What can be imported on the workbench: for each kind who may, which check and service, and where it goes on."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import SourceFile
from achievements.imports import achievement_template, check_achievements
from achievements.services.importing import import_achievements
from brokers.imports import agency_template, broker_template, check_agencies, check_brokers
from brokers.services.importing import import_agencies, import_brokers
from core.scope import Scope
from deals.registration.imports import check_contract_list, contract_list_template
from deals.services.contract_imports import import_contracts
from demands.imports import check_demands, demand_template
from demands.services.importing import import_demands
from mechanism.imports import check_funds, fund_template
from mechanism.services.fund_imports import import_funds
from rounds.imports import check_guests, guest_template
from rounds.services.guest_imports import import_guests


@dataclass(frozen=True)
class ImportKind:
    kind: str
    name: str
    measure: str
    """How many of it are counted: 项, 家, 位."""
    may: Callable[[Scope], bool]
    check: Callable
    write: Callable
    template: Callable[[], bytes]
    doubles: str = ""
    """As what its rows are looked for among the registry's items that they may double (`matching.doubles.KINDS`)."""
    own_rows: str = ""
    """What the rows of one's own are called, where a sheet may hold those of others."""

    def next_step(self, scope: Scope) -> tuple[str, str]:
        """(words, address) of what is done with imported rows."""
        if self.kind == SourceFile.Kind.ACHIEVEMENTS:
            if scope.is_city:
                return "去审核导入的成果", reverse(
                    "admin:achievements_achievement_changelist"
                ) + "?status__exact=office_review"
            return "去提交草稿", reverse("my_achievements") + "?status=draft"
        if self.kind == SourceFile.Kind.DEMANDS:
            if scope.is_city or scope.is_district:
                return "去初审导入的需求", reverse("admin:demands_demand_changelist") + "?status__exact=district_review"
            return "去提交草稿", reverse("my_demands") + "?status=draft"
        if self.kind == SourceFile.Kind.FUNDS:
            return "查看基金", reverse("admin:mechanism_fund_changelist")
        if self.kind == SourceFile.Kind.CONTRACTS:
            return "去核对名单", reverse("contract_worklist")
        if self.kind == SourceFile.Kind.GUESTS:
            return "去邀请名单上的单位", reverse("admin:rounds_party_changelist") + "?answer__exact=listed"
        model = "agency" if self.kind == SourceFile.Kind.AGENCIES else "broker"
        return f"查看{self.name}名录", reverse(f"admin:brokers_{model}_changelist")


def _city(scope: Scope) -> bool:
    return scope.is_city


def _offices_and_city(scope: Scope) -> bool:
    return bool(scope.institution_ids) or scope.is_city


def _districts_and_city(scope: Scope) -> bool:
    return bool(scope.region_ids) or scope.is_city


def _firms_districts_and_city(scope: Scope) -> bool:
    return bool(scope.firm_ids or scope.region_ids) or scope.is_city


KINDS = {
    kind.kind: kind
    for kind in (
        ImportKind(
            kind="achievements",
            name="科技成果",
            measure="项",
            may=_offices_and_city,
            check=check_achievements,
            write=import_achievements,
            template=achievement_template,
            doubles="achievement",
            own_rows="本单位",
        ),
        ImportKind(
            kind="demands",
            name="技术需求",
            measure="项",
            may=_firms_districts_and_city,
            check=check_demands,
            write=import_demands,
            template=demand_template,
            doubles="demand",
            own_rows="本区（本企业）",
        ),
        ImportKind(
            kind="agencies",
            name="服务机构",
            measure="家",
            may=_city,
            check=check_agencies,
            write=import_agencies,
            template=agency_template,
        ),
        ImportKind(
            kind="brokers",
            name="技术经纪人",
            measure="位",
            may=_city,
            check=check_brokers,
            write=import_brokers,
            template=broker_template,
        ),
        ImportKind(
            kind="funds",
            name="基金",
            measure="支",
            may=_city,
            check=check_funds,
            write=import_funds,
            template=fund_template,
        ),
        ImportKind(
            kind="contracts",
            name="技术合同登记名单",
            measure="份",
            may=_city,
            check=check_contract_list,
            write=import_contracts,
            template=contract_list_template,
        ),
        ImportKind(
            kind="guests",
            name="参会名单",
            measure="家",
            may=_districts_and_city,
            check=check_guests,
            write=import_guests,
            template=guest_template,
            own_rows="本区",
        ),
    )
}


def kinds_for(scope: Scope) -> list[ImportKind]:
    """What this user may import."""
    return [kind for kind in KINDS.values() if kind.may(scope)]
