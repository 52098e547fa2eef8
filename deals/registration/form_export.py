"""The registration form of a contract as rows, as a Word document and as a workbook; missing values are marked."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from accounts.models import User
from audit.exports import watermark
from audit.services import record
from core.word_templates import render_word_template
from deals.models import Contract
from deals.registration.form_fields import FORM_FIELDS
from sheets.cells import clean_text
from sheets.writing import write_workbook
from taxonomy.money import wan_text

MISSING = "【待填】"
NOTICE = "以登记部门的表格和要求为准。"
TITLE = "技术合同登记表"
TEMPLATE = Path(__file__).with_name("form_template.docx")


class FormRow(NamedTuple):
    label: str
    value: str
    is_missing: bool


def form_rows(contract: Contract) -> list[FormRow]:
    """The rows of the form in its order, with the values and whether a required one is missing."""
    known = (
        ("登记编号", contract.number, False),
        ("合同名称", contract.name, True),
        ("合同类别", contract.get_kind_display(), True),
        ("签订日期", _day(contract.signed_on), True),
        ("卖方名称", contract.seller_name, True),
        ("买方名称", contract.buyer_name, True),
        ("合同成交额（万元）", _amount(contract.amount_wan), True),
        ("核定技术交易额（万元）", _amount(contract.tech_amount_wan), True),
        ("产业链", str(contract.industry or ""), False),
    )
    rows = [FormRow(str(label), str(value), required and not value) for label, value, required in known]
    for field in FORM_FIELDS:
        if field.applies_to(contract.kind):
            value = contract.form.get(field.key, "")
            label = str(field.choices.get(value, value)) if field.choices and value else str(value)
            text = f"{value} {label}" if label != str(value) else label
            rows.append(FormRow(str(field.label), text, field.required and not value))
    return rows


def form_as_word(contract: Contract, *, by: User) -> bytes:
    """The form as .docx with missing values in red. Writes an audit entry. Raises WordTemplateError."""
    rows = [
        {
            "label": clean_text(row.label),
            "value": "" if row.is_missing else clean_text(row.value),
            "missing": MISSING if row.is_missing else "",
        }
        for row in form_rows(contract)
    ]
    rule = contract.rule
    context = {
        "title": TITLE,
        "rows": rows,
        "rule": {"name": str(rule), "office": str(rule.authority)} if rule else None,
        "watermark": watermark(by, NOTICE),
    }
    content = render_word_template(TEMPLATE.name, TEMPLATE, context, required=("watermark",))
    _record_export(contract, "docx", by)
    return content


def form_as_workbook(contract: Contract, *, by: User) -> bytes:
    """The form as .xlsx with a row for each field. Writes an audit entry."""
    rows = [(row.label, row.value, MISSING if row.is_missing else "") for row in form_rows(contract)]
    _record_export(contract, "xlsx", by)
    headers, mark = ("栏目", "内容", "提醒"), watermark(by, NOTICE)
    return write_workbook(TITLE, headers, rows, watermark=mark)


def _record_export(contract: Contract, kind: str, by: User) -> None:
    record("导出登记表", contract, by=by, changes={"format": [None, kind]})


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else wan_text(amount)
