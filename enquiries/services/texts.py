"""Texts of approaches: no personal data, no marking of state secrets, and nothing that leads to an anonymous firm.

Both sides read the texts before they have agreed to exchange contacts, so contacts are given only through
`accounts.services.contacts`.
"""

import hashlib
import re

from django.core.exceptions import ValidationError

from accounts.models import Organisation
from core.confidentiality import find_secrecy_marking
from core.plain_text import clean_required_text
from core.public_text import personal_finds
from demands.exposing_texts import find_exposing
from enquiries.models.approach import MAX_TEXT


def checked_text(
    text: str,
    *,
    author: Organisation,
    hides_firm: bool = False,
    prompt: str = "请写下要说的内容。",
    longest: int = MAX_TEXT,
) -> str:
    """The cleaned text of an organisation. `hides_firm`: the author is a firm that is anonymous in this approach.

    Raises ValidationError that quotes what has to go and says how.
    """
    text = clean_required_text(text, prompt, longest, name="内容")
    if mark := find_secrecy_marking(text):
        raise ValidationError("内容里写着“%(mark)s”。涉密内容不能在本平台上发送。" % {"mark": mark})
    if hides_firm:
        _refuse_exposing(text, author)
    if finds := personal_finds(text, lambda: author.public_contacts):
        shown = "、".join(f"{find.kind.label}“{find.excerpt[:4]}…”" for find in finds[:3])
        raise ValidationError(
            "内容里有%(finds)s，请删去。联系方式在双方同意转入对接后，由平台提供给对方并留下记录。" % {"finds": shown}
        )
    return text


def _refuse_exposing(text: str, firm: Organisation) -> None:
    finds = list(find_exposing(firm, [("text", "内容", text)]))
    if finds:
        shown = "；".join(f"{find.kind}“{find.excerpt[:12]}”，建议{find.proposal}" for find in finds[:3])
        raise ValidationError(
            "您选择了匿名，内容里却有能找到企业的文字：%(finds)s。请修改，或改为不匿名。" % {"finds": shown}
        )


def digest_of(text: str, *subjects: str) -> str:
    """SHA-256 of the text without blanks, signs, digits and the names of what it is about.

    The same letter to many institutions has the same digest, also if each copy names its addressee.
    """
    for subject in filter(None, subjects):
        text = text.replace(subject, "")
    letters = re.sub(r"[\W\d_]+", "", text.casefold())
    return hashlib.sha256(letters.encode()).hexdigest()
