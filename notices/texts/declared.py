"""The texts that apps send. Each app declares its own in `<app>/sent_texts.py` and registers them in `ready()`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings


class Use(StrEnum):
    """How a text reaches people."""

    MAIL = "邮件"
    PRINT = "打印"
    CALL = "电话"
    CHAT = "微信文字"
    PAGE = "平台上的函件"
    NOTICE = "平台消息、短信和企业微信"


@dataclass(frozen=True)
class Placeholder:
    """What stands for the placeholder when the text is sent, and an example for the preview."""

    meaning: str
    example: str


@dataclass(frozen=True)
class WrittenText:
    """Parts of a text with the values of one recipient. `body` ends as all mails do."""

    subject: str
    body: str
    line: str = ""


@dataclass(frozen=True)
class SamplePrinter:
    """Prints a text with example values. `write` raises ValidationError."""

    write: Callable[[WrittenText], bytes]
    words: str = "PDF"
    suffix: str = "pdf"
    content_type: str = "application/pdf"


_PRINTERS: dict[str, SamplePrinter] = {}


@dataclass(frozen=True)
class SentText:
    """A text with its built-in wording.

    line: one sentence for the notice in the account, the daily mail, 短信 and 企业微信; empty if the text has none. Of
    `Use.NOTICE` the body is that sentence.
    required: placeholders without which nobody could answer, open or stop what the text is about.
    ending: what follows the body in the mail and cannot be edited here; empty for none.
    """

    key: str
    name: str
    group: str
    subject: str
    body: str
    placeholders: Mapping[str, Placeholder]
    required: tuple[str, ...] = ()
    line: str = ""
    use: Use = Use.MAIL
    ending: str = ""
    note: str = ""
    """For the editor: when the text is sent, or what else stands around it."""

    @property
    def is_sentence(self) -> bool:
        return self.use == Use.NOTICE

    @property
    def has_subject(self) -> bool:
        return bool(self.subject)

    @property
    def examples(self) -> dict[str, str]:
        return {name: field.example for name, field in self.placeholders.items()}

    def with_ending(self, body: str) -> str:
        """The body with the ending of mails: whom to ask, and that nobody reads an answer."""
        if not self.ending:
            return body
        ending = settings.CITY.text("mail_ending", self.ending)
        contact = f"\n{settings.SITE['contact']}" if settings.SITE["contact"] else ""
        return f"{body}\n\n{ending}{contact}\n"


def notice_text(
    key: str, name: str, group: str, sentence: str, placeholders: Mapping[str, Placeholder], *required: str
) -> SentText:
    """A text of one sentence: for the account, the daily mail, 短信 and 企业微信. `required`: placeholders that it may
    not lose."""
    return SentText(key, name, group, "", sentence, placeholders, required, use=Use.NOTICE)


@dataclass(frozen=True)
class NoticeTexts:
    """Declares the texts of one sentence of an app, which may lose none of their placeholders.

    app: the first part of their keys. group: the heading under which the office reads them.
    """

    app: str
    group: str

    def __call__(self, event: str, name: str, sentence: str, **placeholders: tuple[str, str]) -> SentText:
        """`placeholders`: by name, what each stands for and an example."""
        own = {field: Placeholder(*pair) for field, pair in placeholders.items()}
        return notice_text(f"{self.app}.{event}", name, self.group, sentence, own, *own)


USUAL_ENDING = "本邮件由系统自动发出，请不要直接回复。"
_TEXTS: dict[str, SentText] = {}


def register_texts(texts: Iterable[SentText]) -> None:
    """Called once for each app. Raises ValueError for a key that is taken, or a wording without what it needs."""
    for text in texts:
        if text.key in _TEXTS:
            raise ValueError(f"a text {text.key} is registered already")
        if missing := [name for name in text.required if f"{{{name}}}" not in text.body]:
            raise ValueError(f"the built-in text {text.key} lacks {missing}")
        _TEXTS[text.key] = text


def register_printer(key: str, printer: SamplePrinter) -> None:
    """For a text that goes on paper."""
    _PRINTERS[key] = printer


def printer_of(text: SentText) -> SamplePrinter | None:
    return _PRINTERS.get(text.key)


def text_of_key(key: str) -> SentText:
    """Raises KeyError."""
    return _TEXTS[key]


def sent_texts() -> list[SentText]:
    """All texts, in the order in which the apps registered them."""
    return list(_TEXTS.values())
