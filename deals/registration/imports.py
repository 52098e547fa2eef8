"""Checks the registration office's list of contracts against its rules and the stored contracts. Writes nothing."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from deals.models import Contract, RegistrationRule
from deals.registration.columns import contract_columns
from deals.registration.party_lookup import PartyLookup, name_key
from sheets.checking import ERROR, WARNING, CheckedRow, SheetReport, check_rows
from sheets.reading import read_workbook
from sheets.writing import write_template

COMPARED_FIELDS = ("name", "kind", "seller", "buyer", "amount_wan", "tech_amount_wan", "signed_on", "registered_on")
LIVE_STATUSES = (Contract.Status.REGISTERED, Contract.Status.SUBMITTED, Contract.Status.PREPARING)


def check_contract_list(content: bytes | BinaryIO, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check the list; each problem has its Excel row, field, value and remedy.

    `only_own` has no effect, because only the city imports the list. Raises UnreadableSheet, PermissionDenied.
    """
    require_city(by)
    sheet = read_workbook(content, contract_columns(), filename=filename)
    report = check_rows(sheet, row_checks=[_check_row])
    _check_number_format(report)
    _check_repeated_numbers(report)
    _check_against_stored(report)
    parties = PartyLookup()
    unknown = sum(not (parties.find(row.values, "seller") and parties.find(row.values, "buyer")) for row in report.rows)
    if unknown:
        report.notices.append("有 %(count)d 行的卖方或买方不在平台上，按名单中的名称登记。" % {"count": unknown})
    return report


def contract_list_template() -> bytes:
    """An empty .xlsx with the columns of the list."""
    notes = [
        "带 ★ 的列必须填写，每份合同一行。金额以万元计；表头写明“（元）”时按元读取。",
        "同一文件可以重复导入：登记编号相同的行不会重复录入，内容不同的按新名单更正。",
    ]
    return write_template("技术合同登记名单", contract_columns(), notes=notes)


def require_city(user: User) -> None:
    if not user.scope.is_city:
        raise PermissionDenied("技术合同登记名单由市级专员导入。")


def contracts_by_number(rows: Iterable[CheckedRow]) -> dict[str, Contract]:
    """{number: stored contract} for the numbers of the rows."""
    numbers = {row.values["number"] for row in rows if row.values["number"]}
    return {row.number: row for row in Contract.objects.filter(number__in=numbers)}


def _similarity_key(seller: str, buyer: str, amount: Decimal | None, signed_on: date | None) -> tuple | None:
    """Equal for contracts that may be the same under different numbers; None without amount or date."""
    return (name_key(seller), name_key(buyer), amount, signed_on) if amount is not None and signed_on else None


def contracts_by_similarity(rows: Iterable[CheckedRow]) -> dict[tuple, Contract]:
    """{key of `similarity_key`: registered contract} for contracts signed on a day of the rows."""
    days = {row.values["signed_on"] for row in rows if row.values["signed_on"]}
    stored = Contract.objects.registered().filter(signed_on__in=days, amount_wan__isnull=False).order_by("pk")
    return {_similarity_key(row.seller_name, row.buyer_name, row.amount_wan, row.signed_on): row for row in stored}


def similarity_key(values: dict) -> tuple | None:
    """Equal for rows that may be the same contract under different numbers: parties, amount, date of signing."""
    if not (values["seller"] and values["buyer"]):
        return None
    return _similarity_key(values["seller"], values["buyer"], values["amount_wan"], values["signed_on"])


def _check_row(values: dict) -> Iterator[tuple[str, str]]:
    """(field, problem) of a row by itself."""
    amount, tech = values["amount_wan"], values["tech_amount_wan"]
    if amount is not None and tech is not None and tech > amount:
        yield "tech_amount_wan", "大于合同成交额 %(sum)s 万元，请核对两列的金额" % {"sum": amount}
    signed, registered = values["signed_on"], values["registered_on"]
    if signed and registered and registered < signed:
        yield "registered_on", "早于签订日期 %(day)s，请核对" % {"day": signed.isoformat()}
    if registered and registered > timezone.localdate():
        yield "registered_on", "晚于今天，请核对"
    if values["seller"] and name_key(values["seller"]) == name_key(values["buyer"] or ""):
        yield "buyer", "与卖方相同，请核对"


def _check_number_format(report: SheetReport) -> None:
    """Warn about a number that does not have the format of the rule in force on its date."""
    rules = list(RegistrationRule.objects.all())
    for row in report.rows:
        number, day = row.values["number"], row.values["registered_on"]
        rule = next((rule for rule in rules if day and rule.covers(day)), None)
        if number and rule and not rule.fits(number):
            report.add(row.number, "number", "不是 14 位或 16 位数字，请核对", level=WARNING)


def _check_repeated_numbers(report: SheetReport) -> None:
    first: dict[str, CheckedRow] = {}
    for row in report.rows:
        number = row.values["number"]
        if not number:
            continue
        earlier = first.setdefault(number, row)
        if earlier is row:
            continue
        is_same = all(row.values[key] == earlier.values[key] for key in COMPARED_FIELDS)
        text = (
            "与第%(row)d行完全相同，只登记一次" if is_same else "与第%(row)d行编号相同、内容不同，请删去其中一行或改正"
        )
        report.add(row.number, "number", text % {"row": earlier.number}, level=WARNING if is_same else ERROR)


def _check_against_stored(report: SheetReport) -> None:
    """Warn about stored contracts with the same number, and about similar contracts with another number."""
    by_number, by_similarity = contracts_by_number(report.rows), contracts_by_similarity(report.rows)
    seen: dict[tuple, CheckedRow] = {}
    for row in report.rows:
        stored = by_number.get(row.values["number"])
        if stored is not None:
            if text := _difference_text(stored, row.values):
                report.add(row.number, "number", text, level=WARNING)
            continue
        key = similarity_key(row.values)
        if key is None:
            continue
        other = by_similarity.get(key)
        earlier = seen.setdefault(key, row)
        if other is not None or (earlier is not row and earlier.values["number"] != row.values["number"]):
            name = other.number if other else "第%(row)d行" % {"row": earlier.number}
            report.add(
                row.number,
                "number",
                "与 %(other)s 的双方、金额和签订日期都相同，可能重复，导入后请在核对清单中处理" % {"other": name},
                level=WARNING,
            )


def _difference_text(stored: Contract, values: dict) -> str:
    if stored.status not in LIVE_STATUSES:
        return "平台上这份合同是“%(state)s”，保持原样" % {"state": stored.get_status_display()}
    changed = changes_to(stored, values)
    labels = [str(Contract._meta.get_field(name).verbose_name) for name in changed]
    if stored.status != Contract.Status.REGISTERED or not labels:
        return ""
    return "平台上已有这份合同，将按名单更正：%(what)s" % {"what": "、".join(labels)}


def changes_to(contract: Contract, values: dict) -> dict[str, list[Any]]:
    """{field: [stored value, value of the row]} where they differ. Empty cells change nothing."""
    new_values = {
        "name": values["name"],
        "kind": values["kind"],
        "seller_name": values["seller"],
        "buyer_name": values["buyer"],
        "amount_wan": values["amount_wan"],
        "tech_amount_wan": values["tech_amount_wan"],
        "signed_on": values["signed_on"],
        "registered_on": values["registered_on"],
    }
    pairs = {name: [getattr(contract, name), value] for name, value in new_values.items() if value not in (None, "")}
    party_names = {"seller_name", "buyer_name"}
    return {
        name: pair
        for name, pair in pairs.items()
        if (name_key(pair[0]) != name_key(pair[1]) if name in party_names else pair[0] != pair[1])
    }
