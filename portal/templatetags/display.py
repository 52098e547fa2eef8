"""Display of records in templates: icons, status badges, maturity, highlighted terms, masked texts, formats."""

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django import template
from django.conf import settings
from django.db.models import Model
from django.utils.dateformat import format as date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from achievements.models import Achievement, Completer, IntellectualProperty
from demands.masking import detail_text, identifying_names, mask_firm, public_text
from demands.models import Demand
from matching import labels
from matching.labels import RESULT_LABELS, VERDICT_LABELS
from matching.models import Match
from mechanism.models import Candidate
from rounds.models import DockingRound
from taxonomy.models import MAX_MATURITY_LEVEL
from taxonomy.money import wan_text

register = template.Library()

EXCERPT_LENGTH = 160
DATE = "Y年n月j日"

SVG = (
    '<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
)

BADGES = {
    "b-wait": {"office_review", "city_review", "district_review", "submitted"}
    | {"proposed", "asked", "asking", "queued", "preparing", "sent", "read"},
    "b-ok": {"registered", "featured", "published", "accepted", "approved", "taken", "done", "transferred", "solved"}
    | {"intent", "deal", "held"},
    "b-no": {"rejected", "withdrawn", "closed", "declined", "missed", "dropped", "failed"},
    "b-hold": {"diagnosis", "tracking", "paused", "challenge", "duplicate", "passed"},
    "b-go": {"talks", "docking", "gathering", "running", "begun", "answered", "talk"},
}
"""CSS class (shape and colour) by status value; the label beside it says the same."""


@functools.cache
def _svg(name: str) -> str:
    text = (settings.BASE_DIR / "static" / "icons" / f"{name}.svg").read_text()
    return re.sub(r"\s+", " ", re.sub(r"<svg[^>]*>", SVG, text, flags=re.DOTALL)).strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Inline static/icons/<name>.svg, hidden from screen readers because every icon has a label beside it."""
    return mark_safe(_svg(name))  # noqa: S308 a file of the project


@register.simple_tag
def status(obj: Model) -> SafeString:
    """A badge for `obj.status`. Closed rounds and follow-ups are past, not refused, so their badge is plain."""
    style = next((style for style, values in BADGES.items() if obj.status in values), "b-plain")
    if obj._meta.model_name in {"dockinground", "followup"} and obj.status in {"closed", "archived"}:
        style = "b-plain"
    return format_html('<span class="badge {}">{}</span>', style, obj.get_status_display())


@register.simple_tag
def maturity_ladder(level: int, scale: str) -> SafeString:
    """The small ladder in a list row: `level` of the nine or thirteen steps of the `scale`."""
    top = MAX_MATURITY_LEVEL[scale]
    steps = mark_safe("".join('<i class="on"></i>' if step < level else "<i></i>" for step in range(top)))  # noqa: S308
    style = "trl trl-13" if top == 13 else "trl"
    return format_html(
        '<span class="{}" role="img" aria-label="技术成熟度 {} 级，满 {} 级">{}</span>', style, level, top, steps
    )


@register.filter
def highlight(text: str, terms: Iterable[str]) -> SafeString:
    """Mark `terms` in `text`, ignoring case: the longest first, adjacent ones merged, each piece escaped."""
    longest_first = sorted({term for term in terms if term}, key=len, reverse=True)
    if not longest_first:
        return escape(text)
    word = "(?:{})".format("|".join(map(re.escape, longest_first)))
    pieces = re.split(rf"({word}(?:\s*{word})*)", text, flags=re.IGNORECASE)
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", p) if i % 2 else p,) for i, p in enumerate(pieces))
    )


@register.filter
def excerpt(text: str, terms: Iterable[str]) -> str:
    """At most 160 characters of `text`, starting shortly before the first hit if it would be cut off otherwise."""
    flat, low = " ".join(text.split()), " ".join(text.split()).lower()
    hit = min((at for term in terms if (at := low.find(term.lower())) >= 0), default=0)
    start = hit - 20 if hit > EXCERPT_LENGTH - 60 else 0
    end = start + EXCERPT_LENGTH
    return ("…" if start else "") + flat[start:end] + ("…" if len(flat) > end else "")


@register.filter
def public(demand: Demand, field: str) -> str:
    """A text field of a demand as the public may read it."""
    return public_text(demand, field)


@register.filter
def detail(demand: Demand, field: str) -> str:
    """A text field of a demand for readers who may read its details."""
    return detail_text(demand, field)


@register.simple_tag(takes_context=True)
def why_proposed(context: template.Context, match: Match) -> str:
    """Why a pair was proposed; "" for readers who may not read the details that the sentence could quote."""
    demand = match.demand
    if demand.is_teaser_only and not Demand.objects.detailed_for(context["user"]).filter(pk=demand.pk).exists():
        return ""
    return masked(demand, match.verdict)


@register.filter
def masked(demand: Demand, text: str) -> str:
    """Another text of a demand, such as an indicator, without the name of an anonymous firm."""
    return mask_firm(text, identifying_names(demand)) if demand.is_anonymous else text


@register.filter
def period(demand: Demand) -> str:
    """需求时限 as the firm wrote it, else from its dates."""
    if demand.period_text:
        return masked(demand, demand.period_text)
    start, end = (f"{day.year}年{day.month}月" if day else "" for day in (demand.period_start, demand.period_end))
    return f"{start}至{end}" if start and end else f"{start}起" if start else f"{end}前" if end else "未填写"


@register.filter
def maturity_assessment(achievement: Achievement) -> str:
    """，2026年5月8日由某中心评定; empty without evidence or assessor."""
    if not (achievement.maturity_evidence and achievement.maturity_assessed_by):
        return ""
    day = achievement.maturity_assessed_on
    return f"，{date_format(day, DATE) if day else ''}由{achievement.maturity_assessed_by}评定"


@register.filter
def evaluation_text(achievement: Achievement) -> str:
    """（鉴定，某学会，2026年5月8日）; empty without an evaluation."""
    if not achievement.evaluation:
        return ""
    day = achievement.evaluated_on
    parts = [achievement.get_evaluation_display(), achievement.evaluated_by, date_format(day, DATE) if day else ""]
    return f"（{'，'.join(str(part) for part in parts if part)}）"


@register.filter
def completer_names(completers: Iterable[Completer]) -> str:
    """李示例（化工学院）、王示例"""
    return "、".join(f"{person.name}（{person.unit}）" if person.unit else person.name for person in completers)


@register.filter
def candidate_status(candidate: Candidate) -> str:
    """，拟表彰。公示中，异议受理至 2026年5月8日。"""
    honour = candidate.honour
    award = ""
    if candidate.is_proposed:
        award = "，表彰" if honour.status == "released" else "，拟表彰"
    until = f"，异议受理至 {date_format(honour.objections_until, DATE)}" if honour.status == "publicised" else ""
    return f"{award}。{honour.get_status_display()}{until}。"


@register.filter
def ip_summary(rights: Iterable) -> str:
    """发明专利 4 项、软件著作权 1 项."""
    counts = Counter(right.kind for right in rights)
    kinds = IntellectualProperty.Kind
    return "、".join(f"{kind.label} {counts[kind]} 项" for kind in kinds if counts[kind]) or "未填写"


@register.filter
def verdict_word(verdict: str) -> str:
    """符合, 需商谈, 不合 or 未说明, for a fact of a match."""
    return VERDICT_LABELS.get(verdict, VERDICT_LABELS["unknown"])


@register.filter
def result_word(result: str) -> str:
    """满足, 未达, 未说明 or 无法比较, for one indicator."""
    return RESULT_LABELS.get(result, RESULT_LABELS["incomparable"])


@register.filter
def offer_text(row: dict[str, str]) -> str:
    """What the achievement states on an indicator; a value from running text is quoted with the name of its field."""
    return labels.offer_text(row)


@register.filter
def wan(amount: Decimal | None) -> str:
    return wan_text(amount)


@register.filter
def wan_cell(amount: Decimal | None) -> str:
    """万元 in a column of a table whose head names the unit."""
    return "—" if amount is None else f"{amount:,.2f}"


@register.filter
def round_time(docking_round: DockingRound) -> str:
    """2026年11月18日 13:30–17:00, or both days if it lasts longer. Local time."""
    start, end = localtime(docking_round.starts_at), localtime(docking_round.ends_at)
    day = f"{start.year}年{start.month}月{start.day}日"
    if start.date() == end.date():
        return f"{day} {start:%H:%M}–{end:%H:%M}"
    last = f"{end.month}月{end.day}日" if end.year == start.year else f"{end.year}年{end.month}月{end.day}日"
    return f"{day} {start:%H:%M} 至 {last} {end:%H:%M}"


@register.filter
def themes(docking_round: DockingRound) -> list[str]:
    return [theme for theme in re.split(r"[、,，;；\s]+", docking_round.themes) if theme]


@register.filter
def thousands(number: int) -> str:
    """A number with thousands separators: 2,367."""
    return f"{number:,}"


@register.filter
def prefixed(value: object, prefix: str) -> str:
    """`prefix` and `value`, or nothing if `value` is empty."""
    return format_html("{}{}", prefix, value) if value else ""


@register.filter
def parenthesised(value: object) -> str:
    """`value` in Chinese parentheses, or nothing if it is empty."""
    return format_html("（{}）", value) if value else ""


@register.filter
def value_of(mapping: Mapping[str, object], key: str) -> object:
    """The value of a key, or "" if there is none."""
    return mapping.get(key, "")
