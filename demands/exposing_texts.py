"""What in the texts of an anonymous demand leads to its firm, with a proposal for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.models import Organisation
from core.personal_data import REACHABLE, find_personal_data
from demands.disguises import find_disguises
from demands.masking import MASK, find_firm_mention, firm_names, mention_spans, names_of_firm

FIND_LABEL_NAME = "本企业名称"


@dataclass(frozen=True)
class TextFind:
    """Something in a public text that leads to the firm. `replacement` is the proposal; empty: leave it out."""

    field: str
    """The model field, or `indicators`."""
    field_label: str
    kind: str
    """What it is, in Chinese: 手机号, 本企业名称（谐音）, …"""
    excerpt: str
    replacement: str
    is_name: bool = False
    """The name as written: never published, whatever the firm says."""

    @property
    def proposal(self) -> str:
        return f"改成“{self.replacement}”" if self.replacement else "删去"


def find_exposing(firm: Organisation, texts: Iterable[tuple[str, str, str]]) -> Iterator[TextFind]:
    """The finds in these texts (field, label, text): contacts, addresses, the firm's name, also in disguise."""
    names = names_of_firm(firm)
    brands = [name for word in firm.former_names for name in firm_names(word)]
    brands += firm_names(firm.name, firm.short_name)
    for field, label, text in texts:
        for start, end in mention_spans(text, names):
            yield TextFind(field, label, FIND_LABEL_NAME, text[start:end], MASK, is_name=True)
        contacts = find_personal_data(text, REACHABLE)
        for find in contacts:
            yield TextFind(field, label, find.kind.label, find.excerpt, find.replacement)
        for disguise in find_disguises(text, brands, firm.website):
            is_in_contact = any(find.start <= disguise.start < find.end for find in contacts)
            if not is_in_contact and not find_firm_mention(disguise.excerpt, names):
                kind = f"{FIND_LABEL_NAME}（{disguise.form}）"
                yield TextFind(field, label, kind, disguise.excerpt, MASK)
