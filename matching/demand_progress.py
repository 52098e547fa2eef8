"""Where an item stands in matching, as its owner may know it: counts, since when, who decides and by when.

Nothing here tells which candidates wait: an owner learns of a pair when the district has accepted it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from achievements.models import Achievement
from core.workdays import add_workdays
from demands.models import Demand
from matching.models import Match, MatchRun

REVIEW_WORKDAYS = settings.REVIEW_WORKDAYS
"""Working days in which a district looks at a new proposal, counted from the day it was made."""


@dataclass(frozen=True, slots=True)
class MatchingProgress:
    """`waiting`: proposals that the districts look at; `waiting_since`: when the oldest of them was made.

    `reviewers`: names of the districts that decide about them. `is_queued`: the item takes part in matching, and its
    run is not done yet. `matched_at`: when the last run for it was done, None if there was none.
    """

    waiting: int = 0
    waiting_since: datetime | None = None
    reviewers: tuple[str, ...] = ()
    accepted: int = 0
    is_queued: bool = False
    matched_at: datetime | None = None

    @property
    def reviewer(self) -> str:
        """金普新区, or 3 个区市县."""
        if len(self.reviewers) == 1:
            return self.reviewers[0]
        return f"{len(self.reviewers)} 个区市县" if self.reviewers else "区县"

    @property
    def decide_by(self) -> date | None:
        """The day until which the oldest proposal should be decided; it may have passed."""
        if self.waiting_since is None:
            return None
        return add_workdays(timezone.localdate(self.waiting_since), REVIEW_WORKDAYS)

    @property
    def is_late(self) -> bool:
        return self.decide_by is not None and self.decide_by < timezone.localdate()

    @property
    def sentence(self) -> str:
        """金普新区正在看 3 条，12 月 7 日前给出结果; "" if nothing waits."""
        if self.waiting:
            return "%(who)s正在看 %(count)s 条" % {"who": self.reviewer, "count": self.waiting} + self._until
        return "系统正在匹配，几分钟后送区县" if self.is_queued else ""

    @property
    def brief(self) -> str:
        """The sentence for a narrow column of a table: 区县在看 3, 匹配中; "" if nothing waits."""
        return f"区县在看 {self.waiting}" if self.waiting else "匹配中" if self.is_queued else ""

    @property
    def _until(self) -> str:
        if (day := self.decide_by) is None:
            return ""
        shown = {"month": day.month, "day": day.day}
        return (
            "，应在 %(month)s 月 %(day)s 日前答复，已逾期" % shown
            if self.is_late
            else "，%(month)s 月 %(day)s 日前答复" % shown
        )


NOTHING = MatchingProgress()


def demand_progress(demands: Iterable[Demand]) -> dict[int, MatchingProgress]:
    """Return {primary key: progress} of each demand. Three queries for any number of demands.

    The caller has checked that the reader owns or manages the demands.
    """
    return _progress(list(demands), "demand", Demand.objects.open())


def achievement_progress(achievements: Iterable[Achievement]) -> dict[int, MatchingProgress]:
    """Return {primary key: progress} of each achievement, over the demands of all firms. Three queries.

    Without `reviewers`: a district would say where the firm of an anonymous demand is.
    """
    progress = _progress(list(achievements), "achievement", Achievement.objects.available())
    return {pk: replace(row, reviewers=()) for pk, row in progress.items()}


def _progress(rows: list, side: str, participating: QuerySet) -> dict[int, MatchingProgress]:
    ids = [row.pk for row in rows]
    counts: dict[int, dict] = {pk: {"waiting": 0, "accepted": 0, "since": None, "names": set()} for pk in ids}
    waiting = Match.objects.awaiting_review().filter(**{f"{side}__in": ids}).order_by()
    key, name = f"{side}_id", "demand__firm__stat_region__name"
    for row in waiting.values(key, name).annotate(number=Count("pk"), since=Min("created_at")):
        item = counts[row[key]]
        item["waiting"] += row["number"]
        item["since"] = min(filter(None, (item["since"], row["since"])))
        item["names"] |= {row[name]} - {None}
    accepted = Match.objects.accepted().filter(**{f"{side}__in": ids}).order_by()
    for row in accepted.values(key).annotate(number=Count("pk")):
        counts[row[key]]["accepted"] = row["number"]
    states = _run_states(ids, participating)
    return {
        pk: MatchingProgress(
            waiting=item["waiting"],
            waiting_since=item["since"],
            reviewers=tuple(sorted(item["names"])),
            accepted=item["accepted"],
            is_queued=states[pk][0],
            matched_at=states[pk][1],
        )
        for pk, item in counts.items()
    }


def _run_states(ids: list[int], participating: QuerySet) -> dict[int, tuple[bool, datetime | None]]:
    """Return {primary key: (whether its run is not done yet, when its last run was done)}. One query."""
    rows = participating.model.objects.filter(pk__in=ids).order_by()
    rows = rows.annotate(takes_part=Exists(participating.filter(pk=OuterRef("pk"))))
    return {
        pk: (takes_part and status != MatchRun.Status.DONE, finished_at)
        for pk, takes_part, status, finished_at in rows.values_list(
            "pk", "takes_part", "matched__run__status", "matched__run__finished_at"
        )
    }
