"""A favourite as its list shows it: what the item is now, and what has changed since the user looked last."""

from collections.abc import Iterable
from dataclasses import dataclass

from achievements.models import Achievement
from demands.masking import public_text
from demands.models import Demand
from favourites.models import Favourite
from favourites.public_facts import TITLE, Item, gone_text, public_facts, published_items, remembered_title


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class FavouriteView:
    """gone: why the item is no longer public, else "". facts: {label: text} of now; of then if it is gone."""

    favourite: Favourite
    title: str
    facts: dict[str, str]
    gone: str
    changes: list[Change]

    @property
    def item(self) -> Item:
        return self.favourite.item

    @property
    def is_achievement(self) -> bool:
        return self.favourite.achievement_id is not None

    @property
    def summary(self) -> str:
        """What it is about, as the public reads it; empty if it is gone."""
        item = self.item
        if self.gone:
            return ""
        return item.summary if isinstance(item, Achievement) else public_text(item, "problem")

    @property
    def owner(self) -> str:
        """Who offers or needs it, as the public reads it; empty if it is gone."""
        item = self.item
        if self.gone:
            return ""
        return item.institution.name if isinstance(item, Achievement) else item.public_firm_name


def view_favourites(favourites: Iterable[Favourite]) -> list[FavouriteView]:
    """Reads `achievement__institution` and `demand__firm`: select them. Two queries."""
    favourites = list(favourites)
    published = {
        (model, pk)
        for model in (Achievement, Demand)
        for pk in published_items(model)
        .filter(favourites__in=[favourite.pk for favourite in favourites])
        .values_list("pk", flat=True)
    }
    return [
        _view(favourite, is_public=(type(favourite.item), favourite.item.pk) in published) for favourite in favourites
    ]


def _view(favourite: Favourite, *, is_public: bool) -> FavouriteView:
    item, known = favourite.item, dict(favourite.known)
    if not is_public:
        # The texts of now may never have been public; those of then were.
        title = remembered_title(item, known.pop(TITLE, ""))
        known.pop("状态", None)
        return FavouriteView(favourite, title, known, gone_text(item), [])
    facts = public_facts(item)
    changes = [
        Change(label, before, facts[label])
        for label, before in known.items()
        if label in facts and facts[label] != before
    ]
    if isinstance(item, Demand):
        changes = [Change(row.label, remembered_title(item, row.before), row.after) for row in changes]
        changes = [row for row in changes if row.before != row.after]
    title = facts.pop(TITLE)
    return FavouriteView(favourite, title, facts, "", changes)
