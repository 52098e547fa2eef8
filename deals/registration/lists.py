"""Is this list of registered contracts right? Reads the file and the contracts; writes nothing."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.models import Contract, RegistrationRule
from deals.registration.columns import contract_columns
from deals.registration.parties import Parties, name_key
from sheets.checking import ERROR, WARNING, CheckedRow, SheetReport, check_rows
from sheets.reading import read_workbook
from sheets.writing import write_template

COMPARED = ("name", "kind", "seller", "buyer", "amount_wan", "tech_amount_wan", "signed_on", "registered_on")
LIVE = (Contract.Status.REGISTERED, Contract.Status.SUBMITTED, Contract.Status.PREPARING)


def check_contracts(content, filename: str, *, by, only_own: bool = False) -> SheetReport:
    """Check the office's list: every fault with its Excel row, field, value and how to mend it.

    Only the city brings it in, so `only_own` leaves nothing out. Raises UnreadableSheet, PermissionDenied.
    """
    check_city(by)
    sheet = read_workbook(content, contract_columns(), filename=filename)
    report = check_rows(sheet, row_checks=[_in_order])
    _check_numbers(report)
    _check_doubles_in(report)
    _check_known(report)
    parties = Parties(report.rows)
    strange = sum(not (parties.of(row.values, "seller") and parties.of(row.values, "buyer")) for row in report.rows)
    if strange:
        report.notices.append(_("有 %(count)d 行的卖方或买方不在平台上，按名单中的名称登记。") % {"count": strange})
    return report


def contract_template() -> bytes:
    """The .xlsx in which the office's list may be sent."""
    notes = [
        _("带 ★ 的列必须填写，每份合同一行。金额以万元计；表头写明“（元）”时按元读取。"),
        _("同一文件可以重复导入：登记编号相同的行不会重复录入，内容不同的按新名单更正。"),
    ]
    return write_template(_("技术合同登记名单"), contract_columns(), notes=notes)


def check_city(by) -> None:
    if not by.scope.is_city:
        raise PermissionDenied(_("技术合同登记名单由市级专员导入。"))


def known_numbers(rows: Iterable[CheckedRow]) -> dict[str, Contract]:
    """The contracts the platform has under the rows' numbers."""
    numbers = {row.values["number"] for row in rows if row.values["number"]}
    return {row.number: row for row in Contract.objects.filter(number__in=numbers)}


def likeness_key(seller: str, buyer: str, amount: Decimal | None, signed_on: date | None) -> tuple | None:
    """By which two contracts with different numbers may be one; None where too little is known."""
    return (name_key(seller), name_key(buyer), amount, signed_on) if amount is not None and signed_on else None


def known_likes(rows: Iterable[CheckedRow]) -> dict[tuple, Contract]:
    """Registered contracts with the same parties, sum and day of signing as some of the rows."""
    days = {row.values["signed_on"] for row in rows if row.values["signed_on"]}
    found = Contract.objects.registered().filter(signed_on__in=days, amount_wan__isnull=False).order_by("pk")
    return {likeness_key(one.seller_name, one.buyer_name, one.amount_wan, one.signed_on): one for one in found}


def key_of(values: dict) -> tuple | None:
    if not (values["seller"] and values["buyer"]):
        return None
    return likeness_key(values["seller"], values["buyer"], values["amount_wan"], values["signed_on"])


def _in_order(values: dict) -> Iterator[tuple]:
    amount, tech = values["amount_wan"], values["tech_amount_wan"]
    if amount is not None and tech is not None and tech > amount:
        yield "tech_amount_wan", _("大于合同成交额 %(sum)s 万元，请核对两列的金额") % {"sum": amount}
    signed, registered = values["signed_on"], values["registered_on"]
    if signed and registered and registered < signed:
        yield "registered_on", _("早于签订日期 %(day)s，请核对") % {"day": signed.isoformat()}
    if registered and registered > timezone.localdate():
        yield "registered_on", _("晚于今天，请核对")
    if values["seller"] and name_key(values["seller"]) == name_key(values["buyer"] or ""):
        yield "buyer", _("与卖方相同，请核对")


def _check_numbers(report: SheetReport) -> None:
    """A number that does not look like its day's rule is kept, but somebody should look at it."""
    rules = list(RegistrationRule.objects.all())
    for row in report.rows:
        number, day = row.values["number"], row.values["registered_on"]
        rule = next((one for one in rules if day and one.covers(day)), None)
        if number and rule and not rule.fits(number):
            report.add(row.number, "number", _("不是 14 位或 16 位数字，请核对"), level=WARNING)


def _check_doubles_in(report: SheetReport) -> None:
    first: dict[str, CheckedRow] = {}
    for row in report.rows:
        number = row.values["number"]
        if not number:
            continue
        earlier = first.setdefault(number, row)
        if earlier is row:
            continue
        same = all(row.values[key] == earlier.values[key] for key in COMPARED)
        words = (
            _("与第%(row)d行完全相同，只登记一次")
            if same
            else _("与第%(row)d行编号相同、内容不同，请删去其中一行或改正")
        )
        report.add(row.number, "number", words % {"row": earlier.number}, level=WARNING if same else ERROR)


def _check_known(report: SheetReport) -> None:
    """What the platform has already under the same number, or nearly the same under another."""
    known, likes = known_numbers(report.rows), known_likes(report.rows)
    seen: dict[tuple, CheckedRow] = {}
    for row in report.rows:
        there = known.get(row.values["number"])
        if there is not None:
            if words := _difference(there, row.values):
                report.add(row.number, "number", words, level=WARNING)
            continue
        key = key_of(row.values)
        if key is None:
            continue
        other = likes.get(key)
        earlier = seen.setdefault(key, row)
        if other is not None or (earlier is not row and earlier.values["number"] != row.values["number"]):
            where = other.number if other else _("第%(row)d行") % {"row": earlier.number}
            report.add(
                row.number,
                "number",
                _("与 %(other)s 的双方、金额和签订日期都相同，可能重复，导入后请在核对清单中处理") % {"other": where},
                level=WARNING,
            )


def _difference(there: Contract, values: dict) -> str:
    if there.status not in LIVE:
        return _("平台上这份合同是“%(state)s”，保持原样") % {"state": there.get_status_display()}
    changed = changes_to(there, values)
    labels = [str(Contract._meta.get_field(name).verbose_name) for name in changed]
    if there.status != Contract.Status.REGISTERED or not labels:
        return ""
    return _("平台上已有这份合同，将按名单更正：%(what)s") % {"what": "、".join(labels)}


def changes_to(contract: Contract, values: dict) -> dict[str, list]:
    """{field: [as it is, as the list says]} of a contract and a row; what the list leaves empty stays."""
    wanted = {
        "name": values["name"],
        "kind": values["kind"],
        "seller_name": values["seller"],
        "buyer_name": values["buyer"],
        "amount_wan": values["amount_wan"],
        "tech_amount_wan": values["tech_amount_wan"],
        "signed_on": values["signed_on"],
        "registered_on": values["registered_on"],
    }
    pairs = {name: [getattr(contract, name), value] for name, value in wanted.items() if value not in (None, "")}
    names = {"seller_name", "buyer_name"}
    return {
        name: pair
        for name, pair in pairs.items()
        if (name_key(pair[0]) != name_key(pair[1]) if name in names else pair[0] != pair[1])
    }
