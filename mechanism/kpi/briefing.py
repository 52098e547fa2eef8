"""The weekly and the monthly briefing: official prose written from the figures, each number a link to its rows.

A sentence is only written if its numbers were counted; what is zero is said to be zero, what cannot be derived is left
out.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from mechanism.kpi.briefing_content import Briefing, BriefingSection, Paragraph, Piece, joined
from mechanism.kpi.cockpit import build_cockpit
from mechanism.kpi.cockpit_content import Cockpit, CockpitFigure, PartyRow
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import PLATFORM, RELATED, UNPAID
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.lights import LightState
from mechanism.kpi.period import Period, month_period, week_period, year_period, year_until
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES, TARGETS
from mechanism.kpi.sentences import forecast_text, row_word, verdict_text
from mechanism.kpi.series import arrived_in
from mechanism.kpi.totals import FigureValue, PartValue
from mechanism.kpi.unconfirmed import count_unconfirmed
from mechanism.models import AllocatedTarget

FLOWS = (
    *("turnover", "contracts", "absorbed", "absorbed_contracts", "paid", "signed", "signed_money", "intents"),
    *("rounds", "meetings", "firms", "approaches", "approaches_answered"),
)
STOCKS = ("items", "agencies", "funds")
PARTS = (PLATFORM, RELATED, UNPAID)
"""Parts of turnover that the briefing names, in this order."""
ORDINALS = "一二三四五六七八九"


def briefing_periods(today: date) -> list[Period]:
    """What can be chosen: this week and the seven before it, this month and the eleven before it."""
    weeks = [week_period(today - timedelta(weeks=back)) for back in range(8)]
    months, day = [], today
    for _back in range(12):
        months.append(month_period(day))
        day = day.replace(day=1) - timedelta(days=1)
    return [*weeks, *months]


def build_briefing(period: Period, *, user, region: Region | None = None, today: date | None = None) -> Briefing:
    """The briefing of a week or a month, of the whole city or of a district."""
    return _BriefingWriter(period, user, region, today or timezone.localdate()).write()


class _BriefingWriter:
    """Counts everything at once, then writes section after section."""

    def __init__(self, period: Period, user, region: Region | None, today: date):
        self.period, self.user, self.region, self.today = period, user, region, today
        self.last = min(period.last, today)
        self.word = "本周" if period.is_week else "本月"
        self.previous_word = "上周" if period.is_week else "上月"
        self.is_current = period.first <= today <= period.last + timedelta(days=7)
        scope = FigureScope(period, user, (("region", region),) if region else ())
        self.scope = scope
        self.targets = [key for key in TARGETS if scope.has_rows(FIGURES[key])]
        flows = [key for key in FLOWS if scope.has_rows(FIGURES[key])]
        self.to_date = scope.with_period(year_until(self.last))
        self.year_before = scope.with_period(year_until(_year_earlier(self.last)))
        before = period.first - timedelta(days=1)
        self.previous = scope.with_period(week_period(before) if period.is_week else month_period(before))
        queries = {(key, "now"): FigureQuery(FIGURES[key], self.scope) for key in flows}
        queries |= {(key, "previous"): FigureQuery(FIGURES[key], self.previous) for key in ("turnover", "contracts")}
        to_date = dict.fromkeys(["turnover", *self.targets])
        queries |= {(key, "to_date"): FigureQuery(FIGURES[key], self.to_date) for key in to_date}
        queries |= {(key, "year_before"): FigureQuery(FIGURES[key], self.year_before) for key in ("turnover",)}
        self.results = FigureResults(queries.values())
        self.values = {name: self.results.count(query) for name, query in queries.items()}
        self.cockpit: Cockpit | None = None
        if self.is_current and self.last.year == today.year:
            self.cockpit = build_cockpit(scope.with_period(year_period(today.year)), today=today)

    def write(self) -> Briefing:
        kind = "周报" if self.period.is_week else "月报"
        bodies = [
            ("总体进展", self._overall()),
            (f"{self.word}情况", self._flows()),
            ("下达的目标" if self.region else "区市县和高校院所", self._parties()),
            ("需要关注的事项", self._attention()),
        ]
        written = [(title, paragraphs) for title, paragraphs in bodies if paragraphs]
        sections = [
            BriefingSection(f"{ORDINALS[number]}、{title}", paragraphs)
            for number, (title, paragraphs) in enumerate(written)
        ]
        return Briefing(
            f"{self.region or ''}科技成果转化工作{kind}",
            self.period.label.replace("（", "，").removesuffix("）"),  # the page and the template set it in brackets
            _moment(self.results.read_at),
            _day(self.today),
            sections,
            self._notes(),
        )

    # --- Overall ---------------------------------------------------------------------------------------------------
    def _overall(self) -> list[Paragraph]:
        paragraphs: list[Paragraph] = []
        if self.cockpit:
            counts = {light.state: number for light, number in self.cockpit.verdict}
            text = verdict_text(counts, len(self.cockpit.figures))
            paragraphs.append([Piece(f"截至{_day(self.last)}，{text}。")])
        by_key = {item.key: item for item in self.cockpit.figures} if self.cockpit else {}
        for number, key in enumerate(self.targets):
            paragraphs.append(self._target(number, self.values[key, "to_date"], by_key.get(key)))
        return paragraphs

    def _target(self, number: int, counted: FigureValue, item: CockpitFigure | None) -> Paragraph:
        figure = counted.figure
        begin = "" if figure.is_snapshot or figure.is_rate else "今年累计"
        pieces = [Piece(f"（{ORDINALS[number]}）{figure.label}。{begin}"), self._number(counted)]
        if figure.key == "turnover":
            pieces += self._parts(counted)
            pieces += self._against_year_before(counted)
        if figure.is_rate and counted.totals.by_number is not None:
            pieces.append(Piece(f"（按金额{counted.totals.by_amount}%，按项数{counted.totals.by_number}%）"))
        if item and item.goal is not None:  # an earlier period has no light: it would be that of today
            sign = "超过" if item.must_exceed else "达到"
            pieces.append(Piece(f"，目标{sign}{format_number(item.goal)}{figure.unit.label}"))
            if counted.value is not None and not figure.is_rate:
                share = Decimal(counted.value) * 100 / item.goal
                pieces.append(Piece(f"，完成{share:.1f}%"))
            if item.forecast.is_known:
                pieces.append(Piece(f"；年底预计{_tight(forecast_text(item.forecast, figure))}"))
            pieces.append(Piece(f"，{item.light.word}"))
            if item.light.reason:
                pieces.append(Piece(f"（{_tight(item.light.reason)}）"))
        return [*pieces, Piece("。")]

    def _against_year_before(self, counted: FigureValue) -> Paragraph:
        before = self.values["turnover", "year_before"]
        if not before.totals.total:
            return []
        change = (counted.totals.total - before.totals.total) * 100 / before.totals.total
        word = "增长" if change >= 0 else "下降"
        link = Piece(f"{abs(change):.1f}%", self._rows("turnover", self.year_before))
        return [Piece(f"，比去年同期{word}"), link]

    def _parts(self, counted: FigureValue) -> Paragraph:
        by_key = {part.part.key: part for part in counted.parts}
        texts: list[Paragraph] = []
        for key in PARTS:
            if part := by_key.get(key):
                texts.append(self._part(part, counted))
        return [Piece("，其中"), *joined(texts)] if texts else []

    def _part(self, part: PartValue, counted: FigureValue) -> Paragraph:
        url = self._rows(counted.figure.key, counted.scope, part=part.part.key)
        amount = f"、{_money(part.totals.total)}" if part.totals.total else ""
        word = row_word(counted.figure)
        return [Piece(part.part.label), Piece(f"{format_number(part.totals.rows)}{word}{amount}", url)]

    # --- The week or month -----------------------------------------------------------------------------------------
    def _flows(self) -> list[Paragraph]:
        return [
            paragraph for paragraph in (self._contracts(), self._docking(), self._stocks(), self._moved()) if paragraph
        ]

    def _contracts(self) -> Paragraph:
        contracts, turnover = self.values["contracts", "now"], self.values["turnover", "now"]
        pieces: Paragraph
        if contracts.totals.rows:
            count = Piece(f"{format_number(contracts.totals.rows)}份", self._rows("contracts", self.scope))
            money = Piece(_money(turnover.totals.total), self._rows("turnover", self.scope))
            pieces = [Piece(f"{self.word}新增技术合同"), count, Piece("、"), money, *self._parts(turnover)]
        else:
            pieces = [Piece(f"{self.word}没有新登记的技术合同")]
        pieces += self._against_previous()
        absorbed, absorbed_contracts = self.values["absorbed", "now"], self.values["absorbed_contracts", "now"]
        if absorbed_contracts.totals.rows:
            text = f"{format_number(absorbed_contracts.totals.rows)}份、{_money(absorbed.totals.total)}"
            pieces += [
                Piece(f"。{settings.CITY.in_city}企业吸纳技术合同"),
                Piece(text, self._rows("absorbed", self.scope)),
            ]
        paid = self.values["paid", "now"]
        if paid.totals.rows:
            text = f"{format_number(paid.totals.rows)}笔、{_money(paid.totals.total)}"
            pieces += [Piece("。双方确认到账"), Piece(text, self._rows("paid", self.scope))]
        else:
            pieces.append(Piece("。没有双方确认的到账"))
        return [*pieces, Piece("。")]

    def _against_previous(self) -> Paragraph:
        rows = self.values["contracts", "now"].totals.rows
        before = self.values["contracts", "previous"].totals.rows
        link = self._rows("contracts", self.previous)
        if not rows and not before:
            return []
        earlier = Piece(f"{before}份", link)
        if self.last < self.period.last:
            return [Piece(f"（{self.word}还没有结束；{self.previous_word}全部为"), earlier, Piece("）")]
        if rows == before:
            return [Piece(f"，与{self.previous_word}"), earlier, Piece("相同")]
        word = "多" if rows > before else "少"
        text = f"，比{self.previous_word}{word}{abs(rows - before)}份（{self.previous_word}"
        return [Piece(text), earlier, Piece("）")]

    def _docking(self) -> Paragraph:
        texts = [
            self._count("signed", "新签约项目", "signed_money"),
            self._count("intents", "达成合作意向"),
            self._count("rounds", "举办对接活动"),
            self._count("firms", "参加企业"),
            self._count("meetings", "现场洽谈"),
            self._count("approaches", "主动对接"),
            self._count("approaches_answered", "其中按期答复"),
        ]
        known = [text for text in texts if text]
        if not known:
            return [Piece(f"{self.word}没有新的签约、意向和对接活动。")]
        return [Piece(self.word), *joined(known), Piece("。")]

    def _count(self, key: str, label: str, money: str = "") -> Paragraph:
        counted = self.values.get((key, "now"))
        if counted is None or not counted.totals.rows:
            return []
        sum_of = self.values.get((money, "now"))
        amount = sum_of.totals.total if sum_of else Decimal(0)
        text = f"{format_number(counted.totals.rows)}{counted.figure.unit.label}"
        text += f"、{_money(amount)}" if amount else ""
        return [Piece(label), Piece(text, self._rows(key, self.scope))]

    def _stocks(self) -> Paragraph:
        texts: list[Paragraph] = []
        keys = [key for key in STOCKS if self.scope.has_rows(FIGURES[key])]
        for key in keys:
            figure, totals = FIGURES[key], arrived_in(FIGURES[key], self.scope)
            if totals.rows:
                amount = f"、{_money(totals.total)}" if figure.amount_field else ""
                now = self._rows(key, self.to_date)
                texts.append([Piece(f"{figure.label}新增"), Piece(f"{totals.rows}{row_word(figure)}{amount}", now)])
        if texts:
            return [*joined(texts), Piece("。")]
        return [Piece("、".join(str(FIGURES[key].label) for key in keys) + "没有新增。")]

    def _moved(self) -> Paragraph:
        """Corrections of the last seven days; nothing for an earlier period, whose corrections cannot be told apart."""
        if not self.cockpit:
            return []
        texts: list[Paragraph] = []
        for item in self.cockpit.figures:
            movement = item.movement
            if not movement:
                continue
            changed = len(movement.late) + len(movement.gone) + len(movement.changed) + movement.unclear
            if changed:
                since = timezone.localdate(movement.since).isoformat()
                query = urlencode({**self.cockpit.scope.query, "since": since})
                url = f"{reverse('figure_changes', args=[item.key])}?{query}"
                texts.append([Piece(item.figure.label), Piece(f"{changed}{row_word(item.figure)}", url)])
        return [Piece("近七天补登记、更正和退出的记录："), *joined(texts), Piece("。")] if texts else []

    # --- Districts and institutions --------------------------------------------------------------------------------
    def _parties(self) -> list[Paragraph]:
        if not self.cockpit:
            return []
        year = self.cockpit.scope.period.year
        if self.region:
            return self._own_targets(year)
        paragraphs: list[Paragraph] = []
        for by, rows, word in (
            ("region", self.cockpit.regions, "区市县"),
            ("institution", self.cockpit.institutions, "院校"),
        ):
            with_target = [row for row in rows if "turnover" in row.figures and row.figures["turnover"].allocated]
            if with_target:
                paragraphs.append(self._by_light(by, with_target, word))
        url = f"{reverse('target_allocation')}?{urlencode({'year': year})}"
        given = AllocatedTarget.objects.filter(year=year)
        if not given.exists():
            return [*paragraphs, [Piece(f"{year}年的目标还没有分解下达。")]]
        waiting, countered = given.awaiting_answer().count(), given.countered().count()
        if waiting or countered:
            text = "、".join([f"待答复{waiting}项"] * bool(waiting) + [f"有不同意见{countered}项"] * bool(countered))
            paragraphs.append([Piece("下达的目标中，"), Piece(text, url), Piece("。")])
        return paragraphs

    def _own_targets(self, year: int) -> list[Paragraph]:
        """Of a district: which of the targets given to it are not agreed yet."""
        given = AllocatedTarget.objects.filter(year=year, region=self.region)
        url = f"{reverse('target_allocation')}?{urlencode({'year': year})}"
        open_ones = [target for target in given if not target.is_agreed]
        if not given:
            return [[Piece(f"{year}年的目标还没有下达。")]]
        if not open_ones:
            return [[Piece(f"市里下达的{len(given)}项目标都已商定。")]]
        names = [[Piece(f"{target.get_figure_display()}{target.get_status_display()}", url)] for target in open_ones]
        return [[Piece("市里下达的目标中，"), *joined(names, "、"), Piece("。")]]

    def _by_light(self, by: str, rows: Sequence[PartyRow], word: str) -> Paragraph:
        """Grouped by light, in the official order; those with few contracts are not judged."""
        groups: dict[LightState, list[Piece]] = {}
        for row in rows:
            figure = row.figures["turnover"]
            url = self._rows("turnover", self.scope.with_period(year_until(self.today)), **{by: row.name})
            groups.setdefault(figure.light.state, []).append(Piece(f"{row.label}（{figure.share}%）", url))
        texts: list[Paragraph] = []
        for state in LightState:
            if pieces := groups.get(state):
                label = "合同少、暂不评" if state is LightState.UNKNOWN else state.word
                texts.append([Piece(f"{label}的{len(pieces)}个："), *joined([[piece] for piece in pieces], "、")])
        return [Piece(f"{word}成交额完成下达目标的情况，"), *joined(texts, "；"), Piece("。")]

    # --- Attention -------------------------------------------------------------------------------------------------
    def _attention(self) -> list[Paragraph]:
        items: list[Paragraph] = []
        for figure in self.cockpit.figures if self.cockpit else ():
            if figure.light.state in (LightState.AT_RISK, LightState.UNLIKELY):
                url = f"{reverse('figure', args=[figure.key])}?{urlencode(self.cockpit.scope.query)}"
                items.append(
                    [Piece(figure.figure.label, url), Piece(f"{figure.light.word}：{_tight(figure.light.reason)}。")]
                )
        turnover = self.values["turnover", "to_date"]
        for left in count_unconfirmed(turnover.figure, self.to_date):
            url = self._rows("turnover", self.to_date, state=left.state)
            amount = f"、{_money(left.total)}" if left.total else ""
            items.append(
                [Piece(f"技术合同{left.label}"), Piece(f"{left.rows}份{amount}", url), Piece("，不计入成交额。")]
            )
        gaps = [f"{label}{number}份" for label, number in turnover.gaps if number]
        if gaps:
            items.append([Piece("计入成交额的合同中，" + "、".join(gaps) + "，请补填。")])
        return [[Piece(f"{number}．"), *pieces] for number, pieces in enumerate(items, 1)]

    def _notes(self) -> list[str]:
        stamp = self.values["turnover", "now"].stamp
        figures = [self.values[key, "to_date"].figure for key in self.targets]
        versions = "、".join(f"{figure.label} {figure.version}" for figure in figures)
        forecast = "年底预计、红黄绿和完成下达目标的比例按%s的数。" % _day(self.today)
        return [
            f"期间：{stamp.period.label}；累计数到{_day(self.last)}；数据读取时间：{_moment(stamp.read_at)}。",
            f"口径版本：{versions}。",
            *([forecast] if self.cockpit else []),
            "平台促成、关联、未到账各自数，会重叠，不能相加；未到账按读取时的到账记录计。带链接的数字可以点开看是哪些记录。",
        ]

    # --- Pieces ----------------------------------------------------------------------------------------------------
    def _number(self, counted: FigureValue) -> Piece:
        if counted.value is None:
            return Piece("没有可以计算的记录")
        text = f"{format_value(counted.value, counted.figure)}{counted.figure.unit.label}"
        return Piece(text, self._rows(counted.figure.key, counted.scope))

    def _rows(self, key: str, scope: FigureScope, **query: str) -> str:
        return f"{reverse('figure_rows', args=[key])}?{urlencode({**scope.query, **query})}"


def _tight(text: str) -> str:
    """Official documents have no spaces beside numbers."""
    return text.replace(" ", "")


def _money(wan: Decimal) -> str:
    """1.30亿元, 850万元."""
    if abs(wan) >= 10_000:
        return f"{wan / 10_000:,.2f}亿元"
    return f"{format_number(wan.quantize(Decimal('0.01')))}万元"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{_day(local.date())}{local:%H:%M}"


def _year_earlier(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
