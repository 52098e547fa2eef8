"""Check sheets of agencies and brokers against the column rules and the directory. Writes nothing."""

from collections.abc import Iterable, Iterator

from django.db.models import Q

from accounts.models import Organisation, User
from brokers.models import Agency, Broker
from brokers.permissions import check_city
from brokers.sheet_columns import agency_columns, broker_columns
from core.public_text import check_public_columns
from sheets.cells import fold
from sheets.checking import WARNING, CheckedRow, SheetReport, UniqueTogether, check_rows
from sheets.reading import read_workbook
from sheets.writing import write_template


def check_agencies(content, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check a sheet of agencies. The report names row, field, value and remedy of each error.

    `only_own` has no effect, because only city staff import. Raises UnreadableSheet, PermissionDenied.
    """
    check_city(by)
    sheet = read_workbook(content, agency_columns(), filename=filename)
    report = check_rows(sheet, unique=[UniqueTogether(("name",)), UniqueTogether(("credit_code",))])
    lookup = OrganisationLookup(row.values for row in report.rows)
    published = dict(Organisation.objects.exclude(public_contacts=[]).values_list("name", "public_contacts"))
    check_public_columns(report, ("profile",), lambda row: published.get(row["name"], ()))
    for row in report.rows:
        if row.values["name"]:
            _check_organisation(report, row, lookup)
    return report


def check_brokers(content, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check a sheet of brokers like `check_agencies`. Their agencies must be in the directory."""
    check_city(by)
    agencies = list(Agency.objects.filter(organisation__is_active=True).select_related("organisation"))
    sheet = read_workbook(content, broker_columns(agencies), filename=filename)
    report = check_rows(
        sheet, row_checks=[_dates_in_order, _contact_needs_agency], unique=[UniqueTogether(("certificate_number",))]
    )
    check_public_columns(report, ("name", "certified_by", "title"))
    existing = existing_brokers(row.values for row in report.rows)
    for row in report.rows:
        broker = existing.get(row.values["certificate_number"])
        if broker and row.values["name"] and fold(broker.name) != fold(row.values["name"]):
            report.add(
                row.number,
                "certificate_number",
                "已登记在“%(known)s”名下，与这一行的姓名“%(name)s”不一致，请核对"
                % {"known": broker.name, "name": row.values["name"]},
            )
    return report


def agency_template() -> bytes:
    """The empty .xlsx form of the sheet of agencies."""
    return write_template("服务机构", agency_columns(), notes=["红色列必填。统一社会信用代码和电话请用文本格式。"])


def broker_template() -> bytes:
    """The empty .xlsx form of the sheet of brokers."""
    agencies = list(Agency.objects.filter(organisation__is_active=True).select_related("organisation"))
    notes = ["红色列必填。所属机构须已在名录中；没有所属机构的联系方式不能保存。请不要填写身份证号。"]
    return write_template("技术经纪人", broker_columns(agencies), notes=notes)


class OrganisationLookup:
    """Finds the organisations, with agencies, of rows ({name, credit_code}) by name or credit code in one query."""

    def __init__(self, rows: Iterable[dict]) -> None:
        rows = list(rows)
        names = {row["name"] for row in rows if row["name"]}
        codes = {row["credit_code"] for row in rows if row["credit_code"]}
        matches = Organisation.objects.filter(Q(name__in=names) | Q(credit_code__in=codes))
        organisations = matches.select_related("agency__contact")
        self._by_name = {fold(organisation.name): organisation for organisation in organisations}
        self._by_code = {row.credit_code: row for row in organisations if row.credit_code}

    def by_name(self, row: dict) -> Organisation | None:
        return self._by_name.get(fold(row["name"])) if row["name"] else None

    def by_code(self, row: dict) -> Organisation | None:
        return self._by_code.get(row["credit_code"]) if row["credit_code"] else None


def existing_brokers(rows: Iterable[dict]) -> dict[str, Broker]:
    """Brokers with the certificate number of one of `rows`, by number."""
    numbers = {row["certificate_number"] for row in rows if row["certificate_number"]}
    brokers = Broker.objects.filter(certificate_number__in=numbers).select_related("agency__organisation", "contact")
    return {broker.certificate_number: broker for broker in brokers.prefetch_related("industries", "regions")}


def _check_organisation(report: SheetReport, row: CheckedRow, lookup: OrganisationLookup) -> None:
    by_code, by_name = lookup.by_code(row.values), lookup.by_name(row.values)
    if by_code and fold(by_code.name) != fold(row.values["name"]):
        report.add(
            row.number,
            "credit_code",
            "已登记在“%(known)s”名下，与这一行的机构名称“%(name)s”不一致，请核对代码或名称"
            % {"known": by_code.name, "name": row.values["name"]},
        )
    elif by_name and row.values["credit_code"] and by_name.credit_code not in ("", row.values["credit_code"]):
        report.add(
            row.number,
            "credit_code",
            "与“%(name)s”已登记的代码 %(code)s 不一致，请核对" % {"name": by_name.name, "code": by_name.credit_code},
        )
    elif by_name and by_name.kind != Organisation.Kind.AGENCY:
        report.add(
            row.number,
            "name",
            "登记为%(kind)s，不是服务机构；如下设转化机构，请填写该机构的名称" % {"kind": by_name.get_kind_display()},
        )


def _dates_in_order(values: dict) -> Iterator[tuple]:
    issued, expires = values["issued_on"], values["expires_on"]
    if issued and expires and expires < issued:
        yield "expires_on", "早于发证日期 %(day)s，请核对" % {"day": issued.isoformat()}


def _contact_needs_agency(values: dict) -> Iterator[tuple]:
    if (values["phone"] or values["email"]) and not values["agency"]:
        yield "agency", "没有填写，联系方式要随所属机构保存，这一行的联系方式将不保存", WARNING
