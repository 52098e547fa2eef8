"""The kinds of sheets that can be imported on the workbench: permission, check, service, template and next step."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import SourceFile
from achievements.imports import achievement_template, check_achievements
from achievements.services.importing import import_achievements
from achievements.services.intake import admit_sheet
from achievements.services.sheet_imports import start_sheet_import
from brokers.imports import agency_template, broker_template, check_agencies, check_brokers
from brokers.services.importing import import_agencies, import_brokers
from core.scope import Scope
from deals.registration.imports import check_contract_list, contract_list_template
from deals.services.contract_imports import import_contracts
from demands.imports import check_demands, demand_template
from demands.services.importing import import_demands
from mechanism.imports import check_funds, fund_template
from mechanism.services.fund_imports import import_funds
from portal.models import SheetCheck
from rounds.imports import check_guests, guest_template
from rounds.services.guest_imports import import_guests


@dataclass(frozen=True)
class ImportKind:
    kind: str
    name: str
    counter_word: str
    """Measure word: 项, 家, 位."""
    is_allowed: Callable[[Scope], bool]
    check: Callable
    write: Callable
    template: Callable[[], bytes]
    duplicates_of: str = ""
    """Duplicate-detection kind of imported rows (a key of `matching.duplicates.KINDS`); empty: no detection."""
    admit: Callable | None = None
    """Checks whether an upload may be stored; without it `check` does."""
    start: Callable | None = None
    """Begins the negotiation of a stored sheet, for kinds whose good rows go in while the rest waits."""
    counts_rows: bool = True
    """Whether its import counts rows; else records, each of several rows."""
    own_rows: str = ""
    """Label of the user's own rows, for kinds whose sheets may hold rows of other organisations."""

    def written_text(self, check: SheetCheck) -> str:
        """How much a sheet's import has written."""
        if self.counts_rows:
            return f"{check.written} / {check.row_count} 行"
        return f"{check.written} {self.counter_word}"

    def next_step(self, scope: Scope) -> tuple[str, str]:
        """(label, URL) of the page on which imported rows are processed."""
        if self.kind == SourceFile.Kind.ACHIEVEMENTS:
            if scope.is_city:
                changelist = reverse("admin:achievements_achievement_changelist")
                return "去审核导入的成果", f"{changelist}?status__exact=office_review"
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


def _institutions_and_city(scope: Scope) -> bool:
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
            counter_word="项",
            is_allowed=_institutions_and_city,
            check=check_achievements,
            write=import_achievements,
            template=achievement_template,
            duplicates_of="achievement",
            admit=admit_sheet,
            start=start_sheet_import,
            own_rows="本单位",
        ),
        ImportKind(
            kind="demands",
            name="技术需求",
            counter_word="项",
            is_allowed=_firms_districts_and_city,
            check=check_demands,
            write=import_demands,
            template=demand_template,
            duplicates_of="demand",
            own_rows="本区（本企业）",
        ),
        ImportKind(
            kind="agencies",
            name="服务机构",
            counter_word="家",
            is_allowed=_city,
            check=check_agencies,
            write=import_agencies,
            template=agency_template,
        ),
        ImportKind(
            kind="brokers",
            name="技术经纪人",
            counter_word="位",
            is_allowed=_city,
            check=check_brokers,
            write=import_brokers,
            template=broker_template,
        ),
        ImportKind(
            kind="funds",
            name="基金",
            counter_word="支",
            is_allowed=_city,
            check=check_funds,
            write=import_funds,
            template=fund_template,
        ),
        ImportKind(
            kind="contracts",
            name="技术合同登记名单",
            counter_word="份",
            is_allowed=_city,
            check=check_contract_list,
            write=import_contracts,
            template=contract_list_template,
        ),
        ImportKind(
            kind="guests",
            name="参会名单",
            counter_word="家",
            is_allowed=_districts_and_city,
            check=check_guests,
            write=import_guests,
            template=guest_template,
            counts_rows=False,
            own_rows="本区",
        ),
    )
}


def allowed_import_kinds(scope: Scope) -> list[ImportKind]:
    """The kinds that a user with this scope may import."""
    return [kind for kind in KINDS.values() if kind.is_allowed(scope)]
