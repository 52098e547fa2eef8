"""Checks the registration office's list of contracts against its rules and the stored contracts. Writes nothing."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from django.core.exceptions import PermissionDenied
from django.db.models.functions import Right
from django.utils import timezone

from accounts.models import User
from deals.models import Contract, RegistrationRule
from deals.registration.columns import contract_columns
from deals.registration.corrections import difference_text
from deals.registration.numbers import KEY_LENGTH, number_key, number_problem
from deals.registration.party_lookup import PartyLookup, name_key
from deals.registration.similar_contracts import SimilarContracts
from sheets.checking import ERROR, WARNING, CheckedRow, SheetReport, check_rows
from sheets.reading import read_workbook
from sheets.writing import write_template

COMPARED_FIELDS = ("name", "kind", "seller", "buyer", "amount_wan", "tech_amount_wan", "signed_on", "registered_on")


def check_contract_list(content: bytes | BinaryIO, filename: str, *, by: User, only_own: bool = False) -> SheetReport:
    """Check the list; each problem has its Excel row, field, value and remedy.

    `only_own` has no effect, because only the city imports the list. Raises UnreadableSheet, PermissionDenied.
    """
    require_city(by)
    sheet = read_workbook(content, contract_columns(), filename=filename)
    report = check_rows(sheet, row_checks=[_check_row])
    parties = PartyLookup()
    _check_numbers(report, parties)
    _check_repeated_numbers(report)
    _check_against_stored(report, parties)
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
    """{`number_key`: stored contract} for the numbers of the rows, in both forms of a number."""
    keys = {number_key(row.values["number"]) for row in rows if row.values["number"]}
    stored = Contract.objects.exclude(status=Contract.Status.DUPLICATE).annotate(key=Right("number", KEY_LENGTH))
    duplicates = Contract.objects.filter(status=Contract.Status.DUPLICATE, number__in=_numbers(rows))
    contracts = stored.filter(key__in=keys).select_related("seller_region", "buyer_region", "deal")
    return {number_key(row.number): row for row in (*duplicates, *contracts)}


def _numbers(rows: Iterable[CheckedRow]) -> set[str]:
    return {row.values["number"] for row in rows if row.values["number"]}


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


def _check_numbers(report: SheetReport, parties: PartyLookup) -> None:
    """Refuse a number that is not of the national scheme or contradicts the day or the seller's place of its row."""
    rules = list(RegistrationRule.objects.all())
    for row in report.rows:
        number, day = row.values["number"], row.values["registered_on"]
        if not number:
            continue
        rule = next((rule for rule in rules if day and rule.covers(day)), None)
        is_local = parties.location(row.values, "seller")["is_seller_local"] if row.values["seller"] else None
        if problem := number_problem(number, rule=rule, registered_on=day, is_seller_local=is_local):
            report.add(row.number, "number", problem)


def _check_repeated_numbers(report: SheetReport) -> None:
    first: dict[str, CheckedRow] = {}
    for row in report.rows:
        number = row.values["number"]
        if not number:
            continue
        earlier = first.setdefault(number_key(number), row)
        if earlier is row:
            continue
        is_same = all(row.values[key] == earlier.values[key] for key in COMPARED_FIELDS)
        text = (
            "与第%(row)d行完全相同，只登记一次" if is_same else "与第%(row)d行编号相同、内容不同，请删去其中一行或改正"
        )
        report.add(row.number, "number", text % {"row": earlier.number}, level=WARNING if is_same else ERROR)


def _check_against_stored(report: SheetReport, parties: PartyLookup) -> None:
    """Warn about stored contracts with the same number, and about similar contracts with another number."""
    by_number, similar = contracts_by_number(report.rows), SimilarContracts(report.rows)
    seen: dict[tuple, CheckedRow] = {}
    for row in report.rows:
        values = row.values
        stored = by_number.get(number_key(values["number"] or ""))
        if stored is not None:
            if text := difference_text(stored, values, parties):
                report.add(row.number, "number", text, level=WARNING)
            continue
        if not (values["seller"] and values["buyer"]) or values["amount_wan"] is None:
            continue
        earlier = seen.setdefault(_row_key(values), row)
        if irregular := similar.take_irregular(values):
            text = "平台上手工登记的 %(old)s 是这份合同，将改为名单的编号" % {"old": irregular.number}
            report.add(row.number, "number", text, level=WARNING)
            continue
        other = similar.find(values)
        if other is not None or (earlier is not row and earlier.values["number"] != values["number"]):
            name = other.number if other else "第%(row)d行" % {"row": earlier.number}
            text = "与 %(other)s 的双方、金额和签订日期都相同，可能重复，导入后请在核对清单中处理"
            report.add(row.number, "number", text % {"other": name}, level=WARNING)


def _row_key(values: dict) -> tuple:
    return name_key(values["seller"]), name_key(values["buyer"]), values["amount_wan"], values["signed_on"]
