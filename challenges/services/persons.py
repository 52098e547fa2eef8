"""Persons who are named in bids, for their requests about their own data."""

import json
import re
from collections.abc import Iterator

from accounts.models import ERASED_NAME, User
from audit.services import record
from challenges.bid_content import LABELS, Content
from challenges.models import Bid
from challenges.sealing import SealBroken, open_content, open_text, seal_content, seal_text
from challenges.services.opening import read_opened


def bids_naming(name: str, bids: Iterator[Bid]) -> Iterator[tuple[Bid, list[str]]]:
    """(bid, labels of the texts) of opened bids that name the person. Sealed ones are read by nobody, also not here."""
    for bid in bids:
        content = read_opened(bid).content
        if content and name not in hidden_names(bid) and (places := places_of(name, content)):
            yield bid, places


def places_of(name: str, content: Content) -> list[str]:
    return [label for key, label in LABELS.items() if name in json.dumps(content.get(key, ""), ensure_ascii=False)]


def hidden_names(bid: Bid) -> list[str]:
    """Names that pages leave out."""
    if not bid.hidden_names:
        return []
    try:
        names: list[str] = json.loads(open_text(bid.hidden_names))
    except SealBroken:
        return []
    return names


def without_names(text: str, names: list[str]) -> str:
    return re.sub("|".join(map(re.escape, names)), ERASED_NAME, text) if names else text


def hide_person(bid: Bid, name: str, *, by: User) -> None:
    """Replace the name in the draft, and leave it out wherever what was handed in is shown.

    What was handed in stays sealed as its receipt says: the decision of the experts rests on it.
    """
    row = Bid.objects.select_for_update(no_key=True, of=("self",)).get(pk=bid.pk)
    draft = json.loads(without_names(json.dumps(open_content(row.draft), ensure_ascii=False), [name]))
    names = sorted({*hidden_names(row), name})
    Bid.objects.filter(pk=row.pk).update(
        draft=seal_content(draft), revision=row.revision + 1, hidden_names=seal_text(json.dumps(names))
    )
    record("删除个人信息", row, by=by)
