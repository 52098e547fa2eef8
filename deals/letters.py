"""催付函 as a Word document, from a template that the office can replace."""

from datetime import date
from pathlib import Path
from typing import Any

from core.word_templates import render_word_template
from deals.models import PaymentLetter
from notices.texts.declared import WrittenText, text_of_key
from notices.texts.writing import TextWriter, wording_of
from sheets.cells import clean_text
from taxonomy.money import wan_text

KEY = "deals.payment_letter"
TEMPLATE = Path(__file__).with_name("payment_letter_template.docx")
REQUIRED = ("sender", "buyer", ("paragraphs", "request", "open_amount"))
"""The amount stands in the paragraphs, or by itself in a template that words the letter itself."""


def letter_context(letter: PaymentLetter) -> dict[str, Any]:
    """The fields of the letter, for the page and the template: names, days and amounts as text."""
    fields = _fields(letter)
    request = _request(fields)
    values = {"欠付情况": request, "付款期限": fields["pay_until"], "说明": fields["note"], **notice_values(letter)}
    written = TextWriter(KEY, wording_of(KEY, at=letter.sent_at)).write(values)
    return _with_words(fields | {"request": request}, written)


def sample_letter_as_word(written: WrittenText) -> bytes:
    """The letter with these words and invented values, to try a wording or a template. Raises WordTemplateError."""
    examples = {name: field.example for name, field in text_of_key(KEY).placeholders.items()}
    fields = {
        "buyer": "示例机械有限公司",
        "seller": examples["发函单位"],
        "contract": examples["合同"],
        "number": "",
        "signed_on": "2026年3月1日",
        "due_on": examples["应付日期"],
        "amount": "50 万元",
        "open_amount": "50 万元",
        "condition": "",
        "pay_until": examples["付款期限"],
        "note": examples["说明"],
        "sender": examples["发函单位"],
        "sent_on": "2026年10月8日",
        "code": "xxxxxxxxxx",
        "request": examples["欠付情况"],
    }
    return render_word_template(TEMPLATE.name, TEMPLATE, _with_words(fields, written), required=REQUIRED)


def _with_words(fields: dict[str, Any], written: WrittenText) -> dict[str, Any]:
    paragraphs = [line for line in written.body.splitlines() if line.strip()]
    return fields | {"title": written.subject, "paragraphs": paragraphs}


def _fields(letter: PaymentLetter) -> dict[str, Any]:
    instalment = letter.instalment
    contract = instalment.contract
    return {
        "buyer": clean_text(contract.buyer_name),
        "seller": clean_text(contract.seller_name),
        "contract": clean_text(contract.name),
        "number": contract.number,
        "signed_on": day_text(contract.signed_on),
        "due_on": day_text(letter.due_on),
        "amount": f"{wan_text(instalment.amount_wan)} 万元",
        "open_amount": f"{wan_text(letter.open_wan)} 万元",
        "condition": clean_text(instalment.condition),
        "pay_until": day_text(letter.pay_until),
        "note": clean_text(letter.note),
        "sender": clean_text(letter.sender.name),
        "sent_on": day_text(letter.sent_on),
        "code": letter.public_id,
    }


def notice_values(letter: PaymentLetter) -> dict[str, str]:
    """What the one sentence of the notice may say. It names no amount, as all notices about deals."""
    contract = letter.instalment.contract
    return {
        "合同": contract.name[:60],
        "应付日期": day_text(letter.due_on),
        "发函单位": str(letter.sender),
    }


def _request(fields: dict[str, str]) -> str:
    """The first paragraph of the letter."""
    signed = f"于{fields['signed_on']}" if fields["signed_on"] else ""
    number = f"（登记编号 {fields['number']}）" if fields["number"] else ""
    condition = f"（付款条件：{fields['condition']}）" if fields["condition"] else ""
    return (
        f"贵单位与{fields['seller']}{signed}签订的技术合同“{fields['contract']}”{number}，"
        f"付款计划约定在{fields['due_on']}前支付{fields['amount']}{condition}。"
        f"截至{fields['sent_on']}，平台记录中这一期还有{fields['open_amount']}没有支付。"
    )


def letter_as_word(letter: PaymentLetter) -> bytes:
    """The letter as .docx. Raises WordTemplateError."""
    return render_word_template(TEMPLATE.name, TEMPLATE, letter_context(letter), required=REQUIRED)


def day_text(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""
