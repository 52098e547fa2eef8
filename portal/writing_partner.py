"""The partner of the demand's form: what pasted prose offers for its fields, near achievements, what is missing.

Works on posted data and without a language model, so that the page needs no script and nothing typed is lost. An offer
is accepted by its button, which carries it; a person saves the form. `reader_help` adds what a language model proposes.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from core.throttling import exceeds
from demands.forms import DemandForm
from matching.engine.completeness import industry_details, missing_details
from matching.engine.indicators.offers import offered_indicators
from matching.engine.problem_parts import problem_parts
from matching.facts import demand_facts_from_text
from matching.items import as_item
from matching.models import Match
from matching.prose_fields import divide_prose
from matching.trial_match import MOST_CHARS, run_trial_match
from portal.document_text import document_text
from portal.indicator_rows import INDICATOR_FIELDS, row_count, row_identity, row_values, with_indicator_rows
from portal.problem_cells import IndicatorCell, indicator_columns
from sheets.cells import CellProblem, clean_text
from sheets.dates import Span
from taxonomy.models import Comparison, Industry

READ, ACCEPT, ACCEPT_ALL, FORGET = "read_prose", "accept", "accept_all", "forget_prose"
"""Names of the buttons."""
PROSE, DOCUMENT = "prose", "prose_file"
TEXTS = ("title", "problem", "goal", "conditions")
FIELDS = {"title": "需求名称", "problem": "主要问题", "goal": "预期目标", "conditions": "现有基础条件"}
FIELDS |= {"budget": "拟投入资金（万元）", "period": "需求时限", "keywords": "关键词", "industry": "产业链"}
MAX_PROSE, MAX_VALUE, MAX_WORD, CANDIDATES, MIN_TEXT = 20_000, 5000, 30, 5, 8
LIMIT, SECONDS = 40, 60
TOO_OFTEN = "更新得太快了，过一分钟再点。您写的内容都在。"


@dataclass(frozen=True)
class FieldOffer:
    """A value for an empty field. `shown`: the value as people read it; `source`: the words it comes from."""

    name: str
    value: str
    shown: str
    source: str

    @property
    def label(self) -> str:
        return FIELDS[self.name]

    @property
    def button(self) -> str:
        return json.dumps([self.name, self.value], ensure_ascii=False)


@dataclass(frozen=True)
class RowOffer:
    """An indicator that the form does not have yet. `values`: those of INDICATOR_FIELDS."""

    values: Mapping[str, str]
    source: str

    @property
    def text(self) -> str:
        condition = f"（{self.values['condition']}）" if self.values["condition"] else ""
        return IndicatorCell(**self.values).text + condition

    @property
    def button(self) -> str:
        return json.dumps(["indicator", dict(self.values)], ensure_ascii=False)


@dataclass
class PartnerHelp:
    """What the page shows. `candidates` is None until the page asks for them."""

    prose: str = ""
    fields: list[FieldOffer] = field(default_factory=list)
    rows: list[RowOffer] = field(default_factory=list)
    candidates: list[Match] | None = None
    missing: list[str] = field(default_factory=list)
    industry_details: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def offer_count(self) -> int:
        return len(self.fields) + len(self.rows)


def wanted_action(data: QueryDict) -> str:
    """The button of this module that was pressed, or ""."""
    return next((name for name in (READ, ACCEPT, ACCEPT_ALL, FORGET) if name in data), "")


def asks_too_often(user: User) -> bool:
    """Count one use of the partner that compares texts; processes share the limit."""
    return exceeds("writing-partner", str(user.pk), LIMIT, SECONDS)


def partner_help(form: DemandForm, *, user: User, compares: bool = False) -> PartnerHelp:
    """What the form as it stands is offered. `compares`: also the nearest achievements and what is missing."""
    prose = clean_text(str(form.data.get(PROSE, "")), multiline=True)[:MAX_PROSE] if form.is_bound else ""
    typed = {name: _typed(form, name) for name in FIELDS}
    help_ = PartnerHelp(prose, _field_offers(prose, typed), _row_offers(form, prose, typed))
    if compares:
        _compare(help_, form, typed, user)
    return help_


def posted_data(data: QueryDict, files: Mapping[str, UploadedFile], action: str, *, by: User) -> tuple[QueryDict, str]:
    """The posted data after a button of this module, and what is wrong or ""."""
    if action == ACCEPT:
        return with_accepted(data, data.get(ACCEPT, "")), ""
    if action == FORGET:
        data = data.copy()
        data[PROSE] = ""
        return data, ""
    if asks_too_often(by):
        return data, TOO_OFTEN
    upload = files.get(DOCUMENT)
    if upload is None:
        return data, ""
    try:
        return with_document(data, upload), ""
    except ValidationError as error:
        return data, error.messages[0]


def with_document(data: QueryDict, upload: UploadedFile) -> QueryDict:
    """The posted data with the text of a document below the pasted prose. Raises ValidationError."""
    text, _is_cut = document_text(upload)
    data = data.copy()
    data[PROSE] = "\n".join(part for part in (data.get(PROSE, "").strip(), text) if part)[:MAX_PROSE]
    return data


def with_accepted(data: QueryDict, value: str) -> QueryDict:
    """The posted data with one offer accepted; unchanged if the value is none of this module's."""
    try:
        name, accepted = json.loads(value[: 2 * MAX_VALUE])
    except (TypeError, ValueError):
        return data
    if name == "indicator" and isinstance(accepted, dict):
        row = {key: str(accepted.get(key, ""))[:200] for key in INDICATOR_FIELDS}
        if row["name"] and row["comparison"] in Comparison.values:
            return with_indicator_rows(data, [row])[0]
    elif name in FIELDS and isinstance(accepted, str):
        data = data.copy()
        data[name] = accepted[:MAX_VALUE]
    return data


def with_all_accepted(data: QueryDict, help_: PartnerHelp) -> QueryDict:
    data = data.copy()
    for offer in help_.fields:
        data[offer.name] = offer.value
    return with_indicator_rows(data, [offer.values for offer in help_.rows])[0]


def _typed(form: DemandForm, name: str) -> str:
    value = form[name].value() if name in form.fields else ""
    return "、".join(value) if isinstance(value, list | tuple) else str(value or "").strip()


# --- Offers ------------------------------------------------------------------------------------------------------
def _field_offers(prose: str, typed: Mapping[str, str]) -> list[FieldOffer]:
    """Offers for empty fields: from the prose, or a title, budget and period from the problem itself."""
    texts = "\n".join(typed[name] for name in ("problem", "goal", "conditions"))
    parts = problem_parts(prose or texts)
    divided = divide_prose(prose)
    offers = {name: FieldOffer(name, row.text, row.text, row.source) for name, row in divided.items()}
    if "title" not in offers and len(typed["problem"]) >= MIN_TEXT and parts.title:
        offers["title"] = FieldOffer("title", parts.title, parts.title, parts.title)
    for name, value in (("budget", parts.budget), ("period", _readable_period(parts.period))):
        if value:
            offers[name] = FieldOffer(
                name, value, f"{value} 万元" if name == "budget" else value, _around(prose or texts, value)
            )
    subject = "\n".join(divided[name].text for name in ("title", "problem") if name in divided)
    if words := "、".join(word for word in problem_parts(subject).objects if len(word) <= MAX_WORD):
        offers["keywords"] = FieldOffer("keywords", words, words, words)
    return [offers[name] for name in FIELDS if name in offers and not typed[name]]


def _readable_period(text: str) -> str:
    """The period as the form's field reads it, or "": 年底前 is the end of this year."""
    year = timezone.localdate().year
    text = re.sub("^明年", f"{year + 1}年", re.sub("^今?年底", f"{year}年底", text))
    try:
        return text if text and Span()(text) else ""
    except CellProblem:
        return ""


def _row_offers(form: DemandForm, prose: str, typed: Mapping[str, str]) -> list[RowOffer]:
    """Indicators in the prose and in the form's texts that its rows do not have."""
    text = "\n".join([prose, *(typed[name] for name in TEXTS)])
    present = set()
    if form.is_bound:
        present = {row_identity(row_values(form.data, number)) for number in range(row_count(form.data))}
    else:
        present = {
            row_identity({name: str(row.get(name) or "") for name in INDICATOR_FIELDS})
            for row in form.formset.initial or ()
        }
    offers = []
    for offer in offered_indicators(text):
        values = indicator_columns(offer.indicator)
        if row_identity(values) not in present:
            present.add(row_identity(values))
            offers.append(RowOffer(values, offer.source))
    return offers


def _around(text: str, value: str) -> str:
    """The clause that holds the first number of a value, as its source."""
    first = (re.search(r"\d+", value) or re.search(".+", value)).group()
    clauses = re.findall(r"[^，。；\n]+", text)
    money = [clause for clause in clauses if re.search("预算|投入|资金|经费|封顶|费用|价", clause)]
    return next((clause.strip() for clause in [*money, *clauses] if first in clause), "")[:120]


# --- Near achievements and what is missing ----------------------------------------------------------------------
def _compare(help_: PartnerHelp, form: DemandForm, typed: Mapping[str, str], user: User) -> None:
    text = "\n".join(typed[name] for name in ("title", "problem", "goal", "keywords") if typed[name])
    text = text if len(text) >= MIN_TEXT else help_.prose
    if len(text) < MIN_TEXT:
        help_.candidates = []
        return
    text = text[:MOST_CHARS]
    indicators = [IndicatorCell(**values).parsed for values in _rows(form)]
    wanted = demand_facts_from_text(text)
    indicators = indicators or [offer.indicator for offer in offered_indicators(text)]
    trial = run_trial_match(text, user=user, wanted=replace(wanted, indicators=tuple(indicators)), compares_all=False)
    help_.candidates = [*trial.candidates, *trial.others][:CANDIDATES]
    help_.missing = missing_details(as_item(0, typed["title"], text), has_indicators=bool(indicators))
    industry = _chosen_industry(typed["industry"])
    if industry is None and help_.candidates:
        industry = help_.candidates[0].achievement.industry
        if industry is not None and not typed["industry"]:
            source = f"与最接近的成果“{help_.candidates[0].achievement.title}”相同"
            help_.fields.append(FieldOffer("industry", str(industry.pk), industry.name, source))
    if industry is not None:
        texts = "\n".join([*(typed[name] for name in TEXTS), help_.prose, *(cell.original for cell in indicators)])
        help_.industry_details = industry_details(texts, (industry.parent or industry).slug)


def _chosen_industry(value: str) -> Industry | None:
    if not (value.isdecimal() and len(value) < 9):
        return None
    return Industry.objects.select_related("parent").filter(pk=int(value)).first()


def _rows(form: DemandForm) -> list[dict[str, str]]:
    if not form.is_bound:
        return [
            {name: str(row.get(name) or "") for name in INDICATOR_FIELDS}
            for row in form.formset.initial or ()
            if row.get("name")
        ]
    rows = [row_values(form.data, number) for number in range(row_count(form.data))]
    return [row for row in rows if row["name"] and row["value"] and row["comparison"] in Comparison.values]
