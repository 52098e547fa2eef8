"""Import checked sheets of funds. Funds are identified by name; repeating changes nothing."""

from typing import Any

from django.utils import timezone

from accounts.models import SourceFile, User
from accounts.services.source_files import ImportProgress, ImportResult, import_sheet
from audit.services import record_many
from mechanism.imports import check_funds
from mechanism.models import Fund
from mechanism.services.measures import require_city_staff
from sheets.checking import SheetReport

FIELDS = ("kind", "manager", "subscribed_wan", "paid_in_wan", "valid_from", "valid_to", "note")


def import_funds(
    source_file: SourceFile, *, by: User, only_own: bool = False, progress: ImportProgress | None = None
) -> ImportResult:
    """Check a stored sheet again and write it.

    Raises PermissionDenied, UnreadableSheet, or ValidationError with the first faults; nothing is written then.
    `only_own` is part of the interface of all imports and has no effect: only city staff import funds.
    """
    require_city_staff(by)
    return import_sheet(
        source_file,
        SourceFile.Kind.FUNDS,
        check=lambda content, name: check_funds(content, name, by=by),
        write=lambda report, file: _write(report, file, by),
        by=by,
        parts=SheetReport.parts,
        progress=progress,
    )


def _write(report: SheetReport, source_file: SourceFile, by: User) -> ImportResult:
    present = [name for name in FIELDS if name in report.sheet.header.positions]
    names = [row.values["name"] for row in report.rows]
    known = {
        fund.name: fund for fund in Fund.objects.filter(name__in=names).prefetch_related("focus").select_for_update()
    }
    new, changed, focus, unchanged = [], {}, [], 0
    for row in report.rows:
        fund = known.get(row.values["name"])
        wanted = {name: row.values[name] for name in present}
        sectors = set(row.values["focus"]) if "focus" in report.sheet.header.positions else None
        if fund is None:
            fund = Fund(name=row.values["name"], **wanted)
            new.append(fund)
            focus.append((fund, sectors or set()))
            continue
        changes = _changes(fund, wanted)
        if sectors is not None and sectors != {industry.pk for industry in fund.focus.all()}:
            changes["focus"] = [None, "已修改"]
            focus.append((fund, sectors))
        if not changes:
            unchanged += 1
            continue
        for name, value in wanted.items():
            setattr(fund, name, value)
        fund.updated_at = timezone.now()
        changed[fund] = changes
    Fund.objects.bulk_create(new)
    Fund.objects.bulk_update(changed, [*present, "updated_at"])
    _write_focus(focus)
    record_many("导入", {fund: {"source_file": [None, source_file.name]} for fund in new}, by=by)
    record_many("导入时修改", changed, by=by)
    return ImportResult(len(new), unchanged, len(changed))


def _changes(fund: Fund, values: dict[str, Any]) -> dict[str, Any]:
    before = {name: getattr(fund, name) for name in values}
    return {name: [str(before[name]), str(value)] for name, value in values.items() if before[name] != value}


def _write_focus(focus: list[tuple[Fund, set[int]]]) -> None:
    """Replace the industries of these funds, with two SQL statements."""
    through = Fund.focus.through
    pairs = {fund.pk: sectors for fund, sectors in focus}
    through.objects.filter(fund__in=pairs).delete()
    through.objects.bulk_create(
        through(fund_id=fund, industry_id=industry) for fund, sectors in pairs.items() for industry in sectors
    )
