"""A checked sheet of funds written: all or nothing; a fund is found by its name, twice changes nothing."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import SourceFile
from accounts.services.source_files import ImportResult, import_sheet
from audit.services import record_many
from mechanism.fund_sheets import check_funds
from mechanism.models import Fund
from mechanism.services.work import check_city
from sheets.checking import SheetReport

FIELDS = ("kind", "manager", "subscribed_wan", "paid_in_wan", "valid_from", "valid_to", "note")


def import_funds(source_file: SourceFile, *, by, only_own: bool = False) -> ImportResult:
    """Check a stored sheet of funds again and write it. Raises ValidationError with the first faults,
    PermissionDenied, UnreadableSheet; then nothing has been written."""
    check_city(by)
    return import_sheet(
        source_file,
        SourceFile.Kind.FUNDS,
        check=lambda content, name: check_funds(content, name, by=by),
        write=lambda report, file: _write(report, file, by),
        by=by,
    )


def _write(report: SheetReport, source_file: SourceFile, by) -> ImportResult:
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
        before = {name: getattr(fund, name) for name in wanted}
        trail = {name: [str(before[name]), str(value)] for name, value in wanted.items() if before[name] != value}
        if sectors is not None and sectors != {one.pk for one in fund.focus.all()}:
            trail["focus"] = [None, _("已修改")]
            focus.append((fund, sectors))
        if not trail:
            unchanged += 1
            continue
        for name, value in wanted.items():
            setattr(fund, name, value)
        fund.updated_at = timezone.now()
        changed[fund] = trail
    Fund.objects.bulk_create(new)
    Fund.objects.bulk_update(changed, [*present, "updated_at"])
    _write_focus(focus)
    record_many(_("导入"), {fund: {"source_file": [None, source_file.name]} for fund in new}, by=by)
    record_many(_("导入时修改"), changed, by=by)
    return ImportResult(len(new), unchanged, len(changed))


def _write_focus(focus: list[tuple[Fund, set[int]]]) -> None:
    """Give each fund exactly these industries, in two queries for all of them."""
    through = Fund.focus.through
    pairs = {fund.pk: sectors for fund, sectors in focus}
    through.objects.filter(fund__in=pairs).delete()
    through.objects.bulk_create(
        through(fund_id=fund, industry_id=industry) for fund, sectors in pairs.items() for industry in sectors
    )
