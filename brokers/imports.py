"""Are these sheets of agencies and brokers right? Reads the file and the directory; writes nothing."""

from collections.abc import Iterable, Iterator

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Organisation
from brokers.columns import agency_columns, broker_columns
from brokers.models import Agency, Broker
from sheets.cells import fold
from sheets.checking import WARNING, SheetReport, UniqueTogether, check_rows
from sheets.reading import read_workbook
from sheets.writing import write_template


def check_agencies(content, filename: str, *, by, only_own: bool = False) -> SheetReport:
    """Check a sheet of agencies: every fault with its Excel row, field, value and how to mend it.

    Only city staff keep the directory, so `only_own` leaves nothing out. Raises UnreadableSheet, PermissionDenied.
    """
    check_city(by)
    sheet = read_workbook(content, agency_columns(), filename=filename)
    report = check_rows(sheet, unique=[UniqueTogether(("name",)), UniqueTogether(("credit_code",))])
    known = KnownOrganisations(row.values for row in report.rows)
    for row in report.rows:
        if row.values["name"]:
            _check_organisation(report, row, known)
    return report


def check_brokers(content, filename: str, *, by, only_own: bool = False) -> SheetReport:
    """Check a sheet of brokers, as `check_agencies` does. Their agencies must be in the directory already."""
    check_city(by)
    agencies = list(Agency.objects.filter(organisation__is_active=True).select_related("organisation"))
    sheet = read_workbook(content, broker_columns(agencies), filename=filename)
    report = check_rows(
        sheet, row_checks=[_dates_in_order, _can_be_reached], unique=[UniqueTogether(("certificate_number",))]
    )
    known = known_brokers(row.values for row in report.rows)
    for row in report.rows:
        broker = known.get(row.values["certificate_number"])
        if broker and row.values["name"] and fold(broker.name) != fold(row.values["name"]):
            report.add(
                row.number,
                "certificate_number",
                _("已登记在“%(known)s”名下，与这一行的姓名“%(name)s”不一致，请核对")
                % {"known": broker.name, "name": row.values["name"]},
            )
    return report


def agency_template() -> bytes:
    """The .xlsx in which agencies are collected."""
    return write_template(
        _("服务机构"), agency_columns(), notes=[_("红色列必填。统一社会信用代码和电话请用文本格式。")]
    )


def broker_template() -> bytes:
    """The .xlsx in which brokers are collected."""
    agencies = list(Agency.objects.filter(organisation__is_active=True).select_related("organisation"))
    notes = [_("红色列必填。所属机构须已在名录中；没有所属机构的联系方式不能保存。请不要填写身份证号。")]
    return write_template(_("技术经纪人"), broker_columns(agencies), notes=notes)


def check_city(by) -> None:
    if not by.scope.is_city:
        raise PermissionDenied(_("服务机构与经纪人名录由市级专员维护。"))


class KnownOrganisations:
    """The organisations that rows ({name, credit_code}) mean, with their agencies, found in one query."""

    def __init__(self, rows: Iterable[dict]):
        rows = list(rows)
        names = {row["name"] for row in rows if row["name"]}
        codes = {row["credit_code"] for row in rows if row["credit_code"]}
        found = Organisation.objects.filter(name__in=names) | Organisation.objects.filter(credit_code__in=codes)
        found = list(found.select_related("agency__contact"))
        self._by_name = {fold(row.name): row for row in found}
        self._by_code = {row.credit_code: row for row in found if row.credit_code}

    def by_name(self, row: dict) -> Organisation | None:
        return self._by_name.get(fold(row["name"])) if row["name"] else None

    def by_code(self, row: dict) -> Organisation | None:
        return self._by_code.get(row["credit_code"]) if row["credit_code"] else None


def known_brokers(rows: Iterable[dict]) -> dict[str, Broker]:
    """The brokers in the directory that have the rows' certificate numbers, by number."""
    numbers = {row["certificate_number"] for row in rows if row["certificate_number"]}
    found = Broker.objects.filter(certificate_number__in=numbers).select_related("agency__organisation", "contact")
    return {broker.certificate_number: broker for broker in found.prefetch_related("industries", "regions")}


def _check_organisation(report: SheetReport, row, known: KnownOrganisations) -> None:
    by_code, by_name = known.by_code(row.values), known.by_name(row.values)
    if by_code and fold(by_code.name) != fold(row.values["name"]):
        report.add(
            row.number,
            "credit_code",
            _("已登记在“%(known)s”名下，与这一行的机构名称“%(name)s”不一致，请核对代码或名称")
            % {"known": by_code.name, "name": row.values["name"]},
        )
    elif by_name and row.values["credit_code"] and by_name.credit_code not in ("", row.values["credit_code"]):
        report.add(
            row.number,
            "credit_code",
            _("与“%(name)s”已登记的代码 %(code)s 不一致，请核对") % {"name": by_name.name, "code": by_name.credit_code},
        )
    elif by_name and by_name.kind != Organisation.Kind.AGENCY:
        report.add(
            row.number,
            "name",
            _("登记为%(kind)s，不是服务机构；如下设转化机构，请填写该机构的名称")
            % {"kind": by_name.get_kind_display()},
        )


def _dates_in_order(values: dict) -> Iterator[tuple]:
    issued, expires = values["issued_on"], values["expires_on"]
    if issued and expires and expires < issued:
        yield "expires_on", _("早于发证日期 %(day)s，请核对") % {"day": issued.isoformat()}


def _can_be_reached(values: dict) -> Iterator[tuple]:
    if (values["phone"] or values["email"]) and not values["agency"]:
        yield "agency", _("没有填写，联系方式要随所属机构保存，这一行的联系方式将不保存"), WARNING
