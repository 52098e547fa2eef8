"""What a row would change of an item in the registry, as findings for people."""

from collections.abc import Iterator
from typing import Any

from achievements.models import Achievement, AchievementRevision, SheetFinding, SheetImport, SheetImportRow
from achievements.services.editing import DETAIL_MODELS, PERSON_FIELDS
from achievements.services.importing import RowContent, differences
from achievements.services.revisions import proposed_achievement
from audit.revisions import field_label, field_text
from audit.services import audit_label

_CONTEXT = 12
_PRICE, _PEOPLE = "price_max_wan", "completers"
_PRICE_FIELDS = ("price_min_wan", _PRICE, "price_negotiable")


def fields_of_change(name: str) -> tuple[str, ...]:
    """The fields that are decided together with `name`: the bounds of a price are one decision."""
    return _PRICE_FIELDS if name == _PRICE else (name,)


def change_label(name: str) -> str:
    return "意向价格" if name == _PRICE else field_label(Achievement, name)


def pending_differences(
    achievement: Achievement, revision: AchievementRevision | None, content: RowContent
) -> dict[str, list[Any]]:
    """`differences` from what waits for the city in `revision`, so that it is neither asked again nor replaced."""
    if revision is None:
        return differences(achievement, content)
    proposed, rows = proposed_achievement(achievement, revision)
    changes = differences(proposed, content)
    for name in changes.keys() & rows.keys() & revision.after.keys():
        waiting = [audit_label(DETAIL_MODELS[name](**values)) for values in rows[name]]
        if waiting == changes[name][1]:
            del changes[name]
        else:
            changes[name] = [waiting, changes[name][1]]
    return changes


def waiting_content(
    achievement: Achievement, revision: AchievementRevision | None
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """(fields, detail rows) that wait for the city."""
    proposed, rows = proposed_achievement(achievement, revision)
    names = set(revision.after) if revision else set()
    fields = {name: getattr(proposed, name) for name in names - DETAIL_MODELS.keys()}
    return fields, {name: rows[name] for name in names & DETAIL_MODELS.keys()}


def changed_findings(
    sheet_import: SheetImport,
    row: SheetImportRow,
    changes: dict[str, list[Any]],
    *,
    base: tuple[Achievement, dict[str, list[dict[str, Any]]]],
    content: RowContent,
) -> Iterator[SheetFinding]:
    """A finding for each field of `changes` ({field: [old, new]}); one for the price. base: what is compared with,
    and its detail rows; content: the row.

    Persons are named in full from these, because `changes` masks them for the trail, and two people of one surname
    would look alike.
    """
    before, rows = base
    texts = {name: tuple(_text(name, value) for value in pair) for name, pair in changes.items()}
    for name in PERSON_FIELDS & texts.keys():
        texts[name] = (_text(name, getattr(before, name)), _text(name, content.fields[name]))
    if _PEOPLE in texts:
        sides = (rows[_PEOPLE], content.detail_rows[_PEOPLE])
        texts[_PEOPLE] = tuple(_text(_PEOPLE, [person["name"] for person in side]) for side in sides)
    if any(name in texts for name in _PRICE_FIELDS):
        for name in _PRICE_FIELDS:
            texts.pop(name, None)
        texts[_PRICE] = _prices(before, changes)
    for name, pair in texts.items():
        old, new = _near_difference(*pair)
        yield SheetFinding(
            row=row,
            sheet_import=sheet_import,
            key=name,
            kind=SheetFinding.Kind.CHANGED,
            group=f"changed::{name}",
            written=old[:500],
            shown=new[:500],
            message=f"“{change_label(name)}”和库里的不同"[:500],
        )


def _near_difference(old: str, new: str) -> tuple[str, str]:
    """Long texts from shortly before the first character that differs, so that the difference is seen."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((place for place, (before, after) in pairs if before != after), min(len(old), len(new)))
    start = same - _CONTEXT
    if start <= _CONTEXT:
        return old, new
    return "…" + old[start:], "…" + new[start:]


def _prices(base: Achievement, changes: dict[str, list[Any]]) -> tuple[str, str]:
    """Both prices in words: "650 万元" and "50–80 万元"."""
    sides = []
    for side in (0, 1):
        amounts = [changes[name][side] if name in changes else getattr(base, name) for name in _PRICE_FIELDS]
        sides.append(_price(*amounts))
    return sides[0], sides[1]


def _price(low: Any, high: Any, negotiable: Any) -> str:
    low, high = (f"{float(amount):g}" if amount not in (None, "") else "" for amount in (low, high))
    if not low and not high:
        return "面议" if negotiable else "（空）"
    if low and high:
        text = f"{low} 万元" if low == high else f"{low}–{high} 万元"
    else:
        text = f"{low} 万元以上" if low else f"不超过 {high} 万元"
    return text + ("（可面议）" if negotiable else "")


def _text(name: str, value: Any) -> str:
    if name == "contact" or name in DETAIL_MODELS:
        texts = value if isinstance(value, list) else [value]
        return "；".join(str(text) for text in texts if text not in (None, "")) or "（空）"
    return "；".join(field_text(Achievement, name, value).splitlines()) or "（空）"
