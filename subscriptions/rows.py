"""Hits and dismissed items as rows of a page."""

from dataclasses import dataclass

from subscriptions import display
from subscriptions.models import Dismissal, Hit, Item
from subscriptions.services.dismissals import reasons_for


@dataclass(frozen=True)
class HitRow:
    hit: Hit

    @property
    def item(self) -> Item:
        return self.hit.item

    @property
    def is_achievement(self) -> bool:
        return self.hit.achievement_id is not None

    @property
    def dismissal_reasons(self) -> dict[str, str]:
        return reasons_for(is_achievement=self.is_achievement)

    @property
    def title(self) -> str:
        return display.title_of(self.item)

    @property
    def summary(self) -> str:
        return display.summary_of(self.item)

    @property
    def owner(self) -> str:
        return display.owner_of(self.item)

    @property
    def url(self) -> str:
        return display.page_of(self.item)


@dataclass(frozen=True)
class DismissedRow:
    """`is_public`: whether the item is still public; if not, its title of now is not shown."""

    dismissal: Dismissal
    is_public: bool

    @property
    def title(self) -> str:
        if self.is_public:
            return display.title_of(self.dismissal.item)
        return "已不再公开的成果" if self.dismissal.achievement_id else "已不再公开的需求"

    @property
    def url(self) -> str:
        return display.page_of(self.dismissal.item) if self.is_public else ""
