"""Technical cards (图纸卡): an achievement's own indicators as a drawing. Numbers in, inline SVG out; no database.

Two bars are drawn only for an indicator whose 行业常见水平 is one number in the indicator's own unit. Both bars begin
at the same zero, have the same scale and are never cut. A number without such a reference gets no length: all lines
of limits are equally long, and an arrow says which side is allowed.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from taxonomy.models import Comparison, IndicatorBase

USUAL, OWN = "行业常见", "本成果"
MOST_LIMITS = 3
WIDTH, HEIGHT = 340, 206
AXIS = 62
"""Where the bars of a card begin, right of their words."""
SINGLE = (
    *(Comparison.AT_LEAST, Comparison.AT_MOST, Comparison.MORE_THAN, Comparison.LESS_THAN),
    *(Comparison.EQUAL, Comparison.ABOUT),
)
"""Comparisons with one number."""
UPWARDS = (Comparison.AT_LEAST, Comparison.MORE_THAN)
POINTS = (Comparison.EQUAL, Comparison.ABOUT)
MOST_TICKS = 4.6
LEAST_GAP = 74
"""A dimension line shorter than this leaves no room for its words."""
PAPER_STYLE = mark_safe(
    "<style>text{font-family:'Noto Sans CJK SC','Source Han Sans SC',sans-serif;fill:#17242e}.t2{fill:#45545f}"
    ".b{font-weight:700}.usual,.hatch{fill:none;stroke:#5f6d78}.own{fill:#0e5a7d}.grid{fill:none;stroke:#bcd5e1}"
    ".dim,.mark{fill:none;stroke:#17242e}.mark{stroke-width:2}.side{fill:none;stroke:#0e5a7d;stroke-width:4}</style>"
)
"""The styles of technical_card.css for WeasyPrint, which applies only those inside an SVG."""
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,12})?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,12})?", re.ASCII)
_REMARK = re.compile(r"[(（][^()（）]*[)）]\s*$")
_ABOUT = re.compile(r"^(?:约为|大约|约|平均|一般为|一般|通常为|通常|常见)\s*")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]?")


@dataclass(frozen=True)
class Comparable:
    """An indicator beside the usual level of its industry: both numbers, and both texts as they are registered."""

    name: str
    condition: str
    basis: str
    unit: str
    usual: float
    own: float
    usual_text: str
    own_text: str

    @property
    def change(self) -> str:
        """少 63% or 多 25%, from the two numbers; 相同 if there is no difference."""
        if self.own == self.usual:
            return "相同"
        share = abs(self.own - self.usual) / self.usual * 100
        word = "少" if self.own < self.usual else "多"
        if share < 1:
            return f"{word}不到 1%"
        return "少 99% 以上" if word == "少" and 99.5 <= share < 100 else f"{word} {share:,.0f}%"

    @property
    def usual_share(self) -> str:
        return f"{self.usual / max(self.usual, self.own) * 100:.2f}"

    @property
    def own_share(self) -> str:
        return f"{self.own / max(self.usual, self.own) * 100:.2f}"

    @property
    def words(self) -> str:
        return f"{self.name}：{USUAL} {self.usual_text}，{OWN} {self.own_text}，{self.change}"


def number_of(text: str) -> float | None:
    """The number that the text is; None for 3～5, 六成多, 1×10⁵ and everything else that is more or less than one."""
    plain = _half_width(text).strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def usual_number(text: str, unit: str) -> float | None:
    """The number of a 行业常见水平 in this unit: 4 次, 约 80%, 120 炉（新盘）.

    None for 不到 70%, 3～5 次, or 2 t for an indicator in L.
    """
    rest = _ABOUT.sub("", _REMARK.sub("", text).strip())
    folded, own_unit = _folded(rest), _folded(unit)
    if own_unit and not folded.endswith(own_unit):
        return None
    return number_of(folded[: len(folded) - len(own_unit)] if own_unit else folded)


def _folded(text: str) -> str:
    """Without spaces, in one spelling of % and μ."""
    return "".join(_half_width(text).split()).replace("µ", "μ").lower()


def _half_width(text: str) -> str:
    """Only full-width letters and digits: NFKC would make 105 of 10⁵."""
    return "".join(chr(ord(letter) - 0xFEE0) if "！" <= letter <= "～" else letter for letter in text)


def comparable(indicator: IndicatorBase) -> Comparable | None:
    """The indicator with its usual level, if both are single numbers in one unit and lengths can show them."""
    today = getattr(indicator, "today", "")
    if not today or indicator.comparison not in SINGLE:
        return None
    usual, own = usual_number(today, indicator.unit), number_of(indicator.value)
    if not usual or own is None:
        return None
    return Comparable(
        indicator.name,
        indicator.condition,
        getattr(indicator, "basis", ""),
        indicator.unit,
        usual,
        own,
        today.strip(),
        indicator.text,
    )


def comparables(indicators: Iterable[IndicatorBase]) -> list[Comparable]:
    """In the order in which the institution registered them."""
    return [row for row in map(comparable, indicators) if row is not None]


def draw_card(indicators: Sequence[IndicatorBase]) -> SafeString:
    """The card of an achievement: the first comparable indicator as two bars, else up to three limits, else nothing.

    The first one is taken as registered; the platform does not look for the best one.
    """
    for indicator in indicators:
        if row := comparable(indicator):
            return draw_comparison(row)
    limits = [limit for limit in map(_limit, indicators) if limit is not None]
    return draw_limits(limits[:MOST_LIMITS]) if limits else mark_safe("")


# --- Two bars ------------------------------------------------------------------------------------------------------
def draw_comparison(row: Comparable) -> SafeString:
    scale = (WIDTH - AXIS - 2) / max(row.usual, row.own)
    top, bottom = HEIGHT - 114, HEIGHT - 72
    usual, own = (f"{value:.12g}" for value in (row.usual, row.own))
    size = 34 if text_width(f"{usual} → {own}", 34) + text_width(row.unit, 16) < WIDTH - 8 else 22
    ticks = [(value, AXIS + value * scale) for value in axis_ticks(max(row.usual, row.own))]
    parts = [
        f'<svg class="drawing" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(row.words)}">',
        f'<text y="15" font-size="15" class="t2">{escape(shortened(row.name, WIDTH, 15))}</text>',
        f'<text y="56" font-size="{size}" class="b">{usual} → {own}'
        f'<tspan font-size="16" font-weight="400" dx="6">{escape(row.unit)}</tspan></text>',
        f'<path class="grid" d="{"".join(f"M{x:.0f} {top - 8}V{HEIGHT - 32}" for _value, x in ticks)}"/>',
    ]
    for value, x in ticks:
        anchor = "start" if value == 0 else "end" if x > WIDTH - 16 else "middle"
        label = f"{value:.12g}"
        parts.append(
            f'<text x="{x:.0f}" y="{HEIGHT - 14}" font-size="14" class="t2" text-anchor="{anchor}">{label}</text>'
        )
    parts.append(_bar(AXIS, top, row.usual * scale, USUAL, is_own=False))
    parts.append(_bar(AXIS, bottom, row.own * scale, OWN, is_own=True))
    parts.append(_dimension(row, scale, (bottom if row.own < row.usual else top) + 13))
    return mark_safe("".join(parts) + "</svg>")  # noqa: S308 texts escaped above


def _bar(x: float, y: float, width: float, word: str, *, is_own: bool) -> str:
    label = f'<text y="{y + 18}" font-size="14" class="{"b" if is_own else "t2"}">{word}</text>'
    if is_own:
        return f'{label}<rect class="own" x="{x}" y="{y}" width="{width:.1f}" height="26"/>'
    # Hatched by the dashes of a thick line: a pattern would need an id, which is there once for all cards of a page.
    hatch = f'<path class="hatch" d="M{x} {y + 13}h{width:.1f}" stroke-width="26" stroke-dasharray="2 5"/>'
    return f'{label}{hatch}<rect class="usual" x="{x}" y="{y}" width="{width:.1f}" height="26"/>'


def _dimension(row: Comparable, scale: float, y: float) -> str:
    """The difference as a dimension line behind the shorter bar; nothing if it does not fit."""
    low, high = sorted((AXIS + row.usual * scale, AXIS + row.own * scale))
    half = text_width(row.change, 14) / 2 + 6
    if high - low < max(LEAST_GAP, half * 2 + 20):
        return ""
    middle = (low + high) / 2
    return (
        f'<path class="dim" d="M{low + 4:.0f} {y}H{middle - half:.0f}M{middle + half:.0f} {y}H{high - 1:.0f}'
        f'M{low + 10:.0f} {y - 4}l-6 4 6 4M{high - 7:.0f} {y - 4}l6 4-6 4M{high:.0f} {y - 9}v18"/>'
        f'<text x="{middle:.0f}" y="{y + 5}" font-size="14" class="b" text-anchor="middle">{row.change}</text>'
    )


def axis_ticks(top: float) -> list[float]:
    """Round values from 0 up to `top`, at most five."""
    base = 10.0 ** floor(log10(top))
    step = next(size for size in (base * 0.2, base * 0.5, base, base * 2, base * 5) if top / size <= MOST_TICKS)
    return [float(f"{step * number:.9g}") for number in range(int(top / step + 1e-9) + 1)]


# --- Limits --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Limit:
    """An indicator as a limit: which side of the mark is allowed, or both ends of a range."""

    name: str
    figure: str
    unit: str
    comparison: str
    text: str


def _limit(indicator: IndicatorBase) -> Limit | None:
    if not indicator.value or indicator.comparison == Comparison.WORDS:
        return None
    sign = "" if indicator.comparison == Comparison.BETWEEN else f"{dict(Comparison.choices)[indicator.comparison]} "
    figure = f"{sign}{indicator.value}"
    if indicator.comparison == Comparison.BETWEEN:
        figure = f"{indicator.value}–{indicator.value_to}"
    if text_width(figure, 28) + text_width(indicator.unit, 15) > WIDTH - 10:
        return None  # it would have to be cut
    return Limit(indicator.name, figure, indicator.unit, indicator.comparison, indicator.text)


def limits_of(indicators: Iterable[IndicatorBase]) -> list[Limit]:
    return [limit for limit in map(_limit, indicators) if limit is not None]


def draw_limits(limits: Sequence[Limit]) -> SafeString:
    """Each limit as a line of one length with its mark in one place, whatever the number is."""
    label = escape("；".join(f"{limit.name} {limit.text}" for limit in limits))
    height = 68 * len(limits)
    parts = [f'<svg class="drawing" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">']
    for row, limit in enumerate(limits):
        y = row * 68
        parts.append(
            f'<text y="{y + 16}" font-size="15" class="t2">{escape(shortened(limit.name, WIDTH, 15))}</text>'
            f'<text x="{WIDTH}" y="{y + 42}" font-size="26" class="b" text-anchor="end">{escape(limit.figure)}'
            f'<tspan font-size="15" font-weight="400" dx="4">{escape(limit.unit)}</tspan></text>'
            f"{_side(limit.comparison, y + 56)}"
        )
    return mark_safe("".join(parts) + "</svg>")  # noqa: S308 texts escaped above


def _side(comparison: str, y: int) -> str:
    """The allowed side: to the right of the mark for ≥, to the left for ≤, between two marks, or the mark alone."""
    left, right = 88, WIDTH - 88
    base = f'<path class="grid" stroke-width="2" d="M0 {y}H{WIDTH}"/>'
    if comparison in POINTS:
        return f'{base}<path class="mark" d="M{WIDTH // 2} {y - 9}v18"/>'
    start, end, marks = left, right, f"M{left} {y - 8}v16M{right} {y - 8}v16"
    arrow = ""
    if comparison in UPWARDS:
        end, marks, arrow = WIDTH - 3, f"M{left} {y - 8}v16", f"M{WIDTH - 9} {y - 5}l7 5-7 5"
    elif comparison != Comparison.BETWEEN:
        start, marks, arrow = 3, f"M{right} {y - 8}v16", f"M9 {y - 5}l-7 5 7 5"
    return f'{base}<path class="side" d="M{start} {y}H{end}{arrow}"/><path class="mark" d="{marks}"/>'


def for_paper(drawing: SafeString) -> SafeString:
    """A drawing with its styles inside."""
    return mark_safe(drawing.replace(">", f">{PAPER_STYLE}", 1))  # noqa: S308 made here


# --- Words ---------------------------------------------------------------------------------------------------------
def first_sentence(text: str, most: int = 0) -> str:
    """The first sentence; if it is longer than `most`, up to the last comma that fits, with an ellipsis."""
    flat = " ".join(text.split())
    sentence = next((part.strip() for part in _SENTENCE.findall(flat) if part.strip(" 。！？!?")), "")
    if not most or len(sentence) <= most:
        return sentence
    head = sentence[:most]
    end = max(head.rfind(mark) for mark in "，；、：,;")
    return (head[:end] if end >= most // 2 else head[: most - 1]) + "……"


def text_width(text: str, size: float) -> float:
    """About how wide a text is: 1 em for a wide character, 0.58 em for others."""
    return sum(size if unicodedata.east_asian_width(letter) in "WFA" else size * 0.58 for letter in text)


def shortened(text: str, width: float, size: float) -> str:
    """A name as far as it fits. The whole one is in the label of the drawing."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text, size) > width - size:
        text = text[:-1]
    return f"{text}…"
