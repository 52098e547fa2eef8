"""What a wording may not be: empty, with a placeholder that nothing fills, without one that it needs, with a link; of
one sentence, longer than that."""

import re
from collections.abc import Collection

from django.core.exceptions import ValidationError

from notices.texts.declared import SentText
from notices.texts.fields import FIELD

_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
_LINK = re.compile(r"[a-z]+://\S*|\bwww\.\S*|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|top|xyz|vip)\b\S*", re.I)
MAX_SENTENCE = 200
_NAMES = {"subject": "标题", "body": "正文", "line": "短信和平台消息"}


def check_wording(text: SentText, *, subject: str, body: str, line: str = "") -> None:
    """Raises ValidationError by field; each message names the text, the part, the line and what is wrong there.

    Links stand in a text only through placeholders: whoever may word the mails of a city must not be able to lead its
    firms to another site.
    """
    errors: dict[str, list[str]] = {}
    if not body.strip():
        errors["body"] = [f"“{text.name}”的正文不能为空；要恢复原来的文字，请点“恢复”。"]
    if text.is_sentence and (len(body.split("\n")) > 1 or len(body) > MAX_SENTENCE):
        errors["body"] = [f"“{text.name}”是一句话，请写在一行里，不超过 {MAX_SENTENCE} 字。"]
    if text.line and not line.strip():
        errors["line"] = [f"“{text.name}”的短信和平台消息不能为空；要恢复原来的文字，请点“恢复”。"]
    for name, part in (("subject", subject), ("body", body), ("line", line)):
        if faults := _faults(text, name, part, text.placeholders):
            errors.setdefault(name, []).extend(faults)
    missing = [name for name in text.required if f"{{{name}}}" not in body]
    if body.strip() and missing:
        words = "、".join(f"{{{name}}}" for name in missing)
        errors.setdefault("body", []).append(
            f"“{text.name}”的正文里还要有{words}，否则收到的人没法答复或询问。请把它加进正文。"
        )
    if errors:
        raise ValidationError(errors)


def _faults(text: SentText, name: str, part: str, known: Collection[str]) -> list[str]:
    for number, line in enumerate(part.splitlines(), start=1):
        where = f"“{text.name}”的{_NAMES[name]}" + (f"第 {number} 行" if name == "body" else "")
        for field in FIELD.findall(line):
            if field not in known:
                return [f"{where}：没有“{{{field}}}”这个占位符，请改成下面列出的，或去掉花括号。"]
        if link := _LINK.search(_ADDRESS.sub("", line)):
            return [f"{where}：不能写网址“{link[0][:40]}”，链接只能用占位符。请去掉它。"]
    return []
