"""Likely duplicates in the registry, searched while a user types and for each row of an imported sheet."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item
from matching.items import ACHIEVEMENT_TEXTS, DEMAND_TEXTS, as_item
from matching.registry_indexes import ACHIEVEMENT_NEIGHBOURS, DEMAND_NEIGHBOURS, CachedIndex
from sheets.cells import fold
from sheets.checking import WARNING, CheckedRow, SheetReport

MAX_ROWS_WITH_TEXTS = 100
"""Up to this many rows of a sheet are compared by titles and texts, more by titles only."""
MIN_TITLE_CHARS = 4
"""A shorter title is similar to too many others."""


@dataclass(frozen=True)
class DuplicateSearch:
    """The index, the model and the fields of one kind of rows. `owner`: name of the field of the organisation."""

    index: CachedIndex
    model: type
    texts: tuple[str, ...]
    owner: str

    def visible_rows(self, user: User, ids: Iterable[int]) -> dict[int, Achievement | Demand]:
        """Return {primary key: row} of the rows that the user may see."""
        rows = self.model.objects.visible_to(user).filter(pk__in=list(ids))
        return rows.select_related(f"{self.owner}__stat_region").in_bulk()


KINDS = {
    "achievement": DuplicateSearch(ACHIEVEMENT_NEIGHBOURS, Achievement, ACHIEVEMENT_TEXTS, "institution"),
    "demand": DuplicateSearch(DEMAND_NEIGHBOURS, Demand, DEMAND_TEXTS, "firm"),
}


def likely_duplicates(
    kind: str, title: str, text: str, *, user: User, itself: int | None = None, limit: int = 3
) -> list:
    """Return rows that the user may see and that may be duplicates of the text, most similar first.

    `itself`: primary key of the row that is edited.
    """
    if len(title.strip()) < MIN_TITLE_CHARS:
        return []
    search = KINDS[kind]
    [neighbours] = search.index.current().likely_duplicates([Item(itself or 0, title, text)], 20)
    visible = search.visible_rows(user, [neighbour.id for neighbour in neighbours])
    return [visible[neighbour.id] for neighbour in neighbours if neighbour.id in visible][:limit]


def warn_of_duplicates(kind: str, report: SheetReport, *, by: User) -> SheetReport:
    """Add a warning to each row of a sheet that is a likely duplicate of a registered item."""
    for number, message in duplicate_warnings(kind, report.clean_rows, by=by).items():
        report.add(number, "title", message, level=WARNING)
    return report


def duplicate_warnings(kind: str, sheet_rows: Iterable[CheckedRow], *, by: User) -> dict[int, str]:
    """Return {row number: sentence} of the rows that are likely duplicates of a registered item that `by` may see.

    A row with the owner and the title of the item is an update of it, not a duplicate.
    """
    search = KINDS[kind]
    rows = [row for row in sheet_rows if len((row.values["title"] or "").strip()) >= MIN_TITLE_CHARS]
    if not rows:
        return {}
    items = [_item(row, search) for row in rows]
    titles_only = len(rows) > MAX_ROWS_WITH_TEXTS
    neighbours_of_rows = search.index.current().likely_duplicates(items, 5, titles_only=titles_only)
    visible = search.visible_rows(by, {neighbour.id for neighbours in neighbours_of_rows for neighbour in neighbours})
    warnings = {}
    for row, neighbours in zip(rows, neighbours_of_rows, strict=True):
        candidates = (visible[neighbour.id] for neighbour in neighbours if neighbour.id in visible)
        duplicate = next((item for item in candidates if not _is_update_of(item, row, search)), None)
        if duplicate is not None:
            warnings[row.number] = _warning(duplicate)
    return warnings


def _item(row: CheckedRow, search: DuplicateSearch) -> Item:
    values = (row.values.get(field) or "" for field in search.texts)
    return as_item(f"row {row.number}", *(list(value) if isinstance(value, tuple) else value for value in values))


def _is_update_of(item: Achievement | Demand, row: CheckedRow, search: DuplicateSearch) -> bool:
    owner, row_owner = getattr(item, search.owner), row.values.get(search.owner)
    is_owner = row_owner == owner.pk if isinstance(row_owner, int) else fold(row_owner or "") == fold(owner.name)
    return is_owner and fold(item.title) == fold(row.values["title"])


def _warning(duplicate: Achievement | Demand) -> str:
    if isinstance(duplicate, Demand):
        return "与已有需求“%(title)s”（%(owner)s）相近，请确认不是同一项需求" % {
            "title": duplicate.public_text("title"),
            "owner": duplicate.public_firm_name,
        }
    return "与已有成果“%(title)s”（%(owner)s%(number)s）相近，请确认不是同一项成果" % {
        "title": duplicate.title,
        "owner": duplicate.institution.name,
        "number": f"，{duplicate.registry_number}" if duplicate.registry_number else "",
    }
