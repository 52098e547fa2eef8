"""What sides have said against pairs (不适合，因为…), for the pages of the officers."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone

from matching.models import Match, SideFeedback


def feedback_of(matches: Iterable[Match]) -> dict[tuple[int, int], list[str]]:
    """Return {(achievement, demand): sentences} of the feedback in force on these matches. One query."""
    pairs = {(match.achievement_id, match.demand_id) for match in matches}
    rows = SideFeedback.objects.in_force().filter(demand__in={demand for _achievement, demand in pairs})
    sentences: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row in rows.order_by("made_at"):
        if (row.achievement_id, row.demand_id) in pairs:
            sentences[row.achievement_id, row.demand_id].append(_sentence(row))
    return sentences


def _sentence(row: SideFeedback) -> str:
    """企业说不适合：指标不符（耐温只有 120 ℃），11 月 30 日."""
    day = timezone.localdate(row.made_at)
    note = f"（{row.note}）" if row.note else ""
    return f"{row.get_side_display()}说不适合：{row.get_reason_display()}{note}，{day.month} 月 {day.day} 日"
