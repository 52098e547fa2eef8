"""No personal data in what everybody can read: checked by the model for forms, admin and services, and by sheets.

The only exception is what an office publishes of itself: the numbers and addresses of `published_contacts`. Identity
numbers and bank accounts have no exception.
"""

import re
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import ValidationError

from core.personal_data import PERSONAL, SECRET, Find, find_personal_data
from core.plain_text import PlainText
from sheets.cells import display_text
from sheets.checking import SheetReport

MAY_BE_PERSONAL = re.compile(
    r"[\d０-９①-⑨⑴-⒇零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖]{3}|[@＠]|微信|QQ|扣扣|电话|手机|邮箱|VX|薇信|\d(?:\D\d){6}|at",
    re.IGNORECASE,
)
"""What every text with personal data has; texts without it need not be searched."""


class PublicText(PlainText):
    """Model mixin: `clean_fields` refuses personal data in `public_text_fields` (texts and lists of texts)."""

    public_text_fields: ClassVar[tuple[str, ...]] = ()

    def published_contacts(self) -> Collection[str]:
        """Numbers and mail addresses that the owner publishes of itself."""
        return ()

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for field in self.public_text_fields:
            if field in (exclude or ()) or field in errors:
                continue
            if finds := personal_finds(getattr(self, field), self.published_contacts):
                errors[field] = ValidationError(personal_data_message(finds))
        if errors:
            raise ValidationError(errors)


def personal_finds(value: Any, published: Callable[[], Collection[str]] = tuple) -> list[Find]:
    """The personal data in a text or list of texts, without contacts that are `published`."""
    texts = value if isinstance(value, list | tuple) else [value]
    finds = [find for text in texts if isinstance(text, str) for find in find_personal_data(text, PERSONAL)]
    if not finds or all(find.kind in SECRET for find in finds):
        return finds
    permitted = {_key(contact) for contact in published()}
    return [find for find in finds if find.kind in SECRET or _key(find.excerpt) not in permitted]


def personal_data_message(finds: Iterable[Find]) -> str:
    """What was found and what to do, without the number itself in full: messages end up in logs and mails."""
    finds = list(finds)
    shown = "、".join(f"{find.kind.label}“{_shortened(find.excerpt)}”" for find in finds[:3])
    advice = "请删去。"
    if any(find.kind not in SECRET for find in finds):
        advice = (
            "请删去；联系方式填在“联系人”里，经本人同意后由平台提供。"
            "单位自己公布的办公电话、邮箱，请管理员先登记在单位信息里。"
        )
    return f"公开的内容里不能有个人信息，现在有{shown}，{advice}"


def check_public_columns(
    report: SheetReport, keys: Iterable[str], published: Callable[[dict[str, Any]], Collection[str]] = lambda _row: ()
) -> None:
    """Add an error to each cell of these columns with personal data.

    `published`: contacts that the owner of a row publishes.
    """
    places = {key: at for key in keys if (at := report.sheet.header.positions.get(key))}
    cells = {row.number: row.cells for row in report.sheet.rows}
    for row in report.rows:
        for key, at in places.items():
            text = display_text(cells[row.number].get(at), limit=5_000)
            if MAY_BE_PERSONAL.search(text) is None:
                continue
            if finds := personal_finds(text, partial(published, row.values)):
                report.add(row.number, key, personal_data_message(finds))


def _key(contact: str) -> str:
    return re.sub(r"[^0-9a-z@.]", "", contact.lower()).strip(".")


def _shortened(excerpt: str) -> str:
    return excerpt if len(excerpt) <= 6 else f"{excerpt[:4]}…{excerpt[-2:]}"
