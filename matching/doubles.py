"""Is this in the registry already? Asked while somebody types, and for every row of a sheet."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import Item
from matching.items import ACHIEVEMENT_TEXTS, DEMAND_TEXTS, as_item
from matching.nearby import ACHIEVEMENTS, DEMANDS, Registry
from sheets.cells import fold
from sheets.checking import WARNING, CheckedRow, SheetReport

FEW = 100
"""Up to so many rows of a sheet are compared by their texts, too; more by their titles alone."""
LEAST_TITLE = 4
"""A shorter title resembles too much."""


@dataclass(frozen=True)
class Kind:
    registry: Registry
    model: type
    texts: tuple[str, ...]
    owner: str

    def seen_by(self, user, ids: Iterable[int]) -> dict[int, Achievement | Demand]:
        """Those of the rows that the user may see: their own, their district's, and what is public."""
        rows = self.model.objects.visible_to(user).filter(pk__in=list(ids))
        return rows.select_related(f"{self.owner}__stat_region").in_bulk()


KINDS = {
    "achievement": Kind(ACHIEVEMENTS, Achievement, ACHIEVEMENT_TEXTS, "institution"),
    "demand": Kind(DEMANDS, Demand, DEMAND_TEXTS, "firm"),
}


def likely_doubles(kind: str, title: str, text: str, *, user, itself: int | None = None, limit: int = 3) -> list:
    """Items the user may see that may be the same as what they are writing, likest first. `itself`: the one edited."""
    if len(title.strip()) < LEAST_TITLE:
        return []
    subject = KINDS[kind]
    [found] = subject.registry.current().doubles([Item(itself or 0, title, text)], 20)
    seen = subject.seen_by(user, [one.id for one in found])
    return [seen[one.id] for one in found if one.id in seen][:limit]


def warn_of_doubles(kind: str, report: SheetReport, *, by) -> SheetReport:
    """Add a warning to each row that resembles an item of the registry, or an earlier row of the same sheet.

    Rows that are the registry's own item (same owner, same title) are updates, and no doubles.
    """
    subject = KINDS[kind]
    rows = [row for row in report.clean_rows if len((row.values["title"] or "").strip()) >= LEAST_TITLE]
    if not rows:
        return report
    asked = [_item(row, subject) for row in rows]
    few = len(rows) <= FEW
    found = subject.registry.current().doubles(asked, 5, titles_only=not few)
    seen = subject.seen_by(by, {one.id for near in found for one in near})
    for row, near in zip(rows, found, strict=True):
        other = next((seen[one.id] for one in near if one.id in seen and not _same(seen[one.id], row, subject)), None)
        if other is not None:
            report.add(row.number, "title", _resembles(other), level=WARNING)
    return report


def _item(row: CheckedRow, subject: Kind) -> Item:
    values = (row.values.get(text) or "" for text in subject.texts)
    return as_item(f"row {row.number}", *(list(value) if isinstance(value, tuple) else value for value in values))


def _same(other, row: CheckedRow, subject: Kind) -> bool:
    owner, said = getattr(other, subject.owner), row.values.get(subject.owner)
    is_owner = said == owner.pk if isinstance(said, int) else fold(said or "") == fold(owner.name)
    return is_owner and fold(other.title) == fold(row.values["title"])


def _resembles(other) -> str:
    if isinstance(other, Demand):
        return _("与已有需求“%(title)s”（%(owner)s）相近，请确认不是同一项需求") % {
            "title": other.public_text("title"),
            "owner": other.public_firm_name,
        }
    return _("与已有成果“%(title)s”（%(owner)s%(number)s）相近，请确认不是同一项成果") % {
        "title": other.title,
        "owner": other.institution.name,
        "number": f"，{other.registry_number}" if other.registry_number else "",
    }
