"""What the form of an anonymous demand shows while one writes: how many firms fit, what leads to the firm, proposals.

Nothing is stored. The firm's own consent is a box in this part; it counts for the text that the page has shown.
"""

import json
from dataclasses import dataclass

from django.forms import Form
from django.http import QueryDict

from accounts.models import Organisation, User
from demands.forms import DemandForm
from demands.models import Demand, DemandIndicator
from demands.services.anonymity import confirm_exposure, has_consent, may_confirm
from demands.services.exposure import Exposure, ExposureCheck, TextFind
from portal.revision_forms import CONFIRM, SHOWN_HASH, DemandRevisionForm

FIX = "fix"
MAX_TEXT = 5000
MAX_SHOWN = 12
_TEXTS = ("title", "applied_industry", "problem", "goal", "conditions", "intended_partner", "teaser")


@dataclass(frozen=True)
class ExposureHelp:
    exposure: Exposure
    has_consent: bool
    may_confirm: bool
    is_confirmed: bool
    """Whether the box is ticked for this text."""

    @property
    def finds(self) -> list[tuple[str, TextFind]]:
        """(value of its button, find), the first of them."""
        return [(_fix_value(find), find) for find in self.exposure.finds[:MAX_SHOWN]]

    @property
    def asks(self) -> bool:
        """Whether the firm still has to agree or to change something."""
        return self.exposure.needs_consent and not self.has_consent


def exposure_help(form: Form, record: Demand | None, by: User) -> ExposureHelp | None:
    """For the form as typed, or as stored; None if the demand is not anonymous or its firm is not chosen yet."""
    if not isinstance(form, DemandForm):
        return None
    if form.is_bound:
        demand, indicators = _typed_demand(form, record)
    elif isinstance(form, DemandRevisionForm):
        demand, indicators = form.proposed
    else:
        demand, indicators = record, None
    if demand is None or not demand.is_anonymous:
        return None
    exposure = ExposureCheck.recent().assess(demand, indicators)
    consents = record is not None and has_consent(record, exposure)
    ticked = form.is_bound and CONFIRM in form.data and form.data.get(SHOWN_HASH) == exposure.text_hash
    return ExposureHelp(exposure, consents, may_confirm(demand, by), ticked)


def confirm_if_ticked(data: QueryDict, demand: Demand, *, by: User) -> None:
    """Store the firm's consent if its box was ticked for exactly the text that has been saved."""
    if CONFIRM not in data or not demand.is_anonymous or not may_confirm(demand, by):
        return
    if ExposureCheck().assess(demand).text_hash == data.get(SHOWN_HASH):
        confirm_exposure(demand, by=by)


def with_proposal(data: QueryDict, value: str) -> QueryDict:
    """The posted data after one proposal: the excerpt replaced in its field, or another detail chosen."""
    data = data.copy()
    try:
        field, excerpt, replacement = (str(part) for part in json.loads(value[:2000]))
    except (TypeError, ValueError):
        return data
    if field == "detail":
        if excerpt in Demand.Detail.values:
            data["chosen_detail"] = excerpt
        return data
    names = [field] if field != "indicators" else [name for name in data if name.startswith("indicators-")]
    if excerpt and (field in (*_TEXTS, "keywords", "period", "indicators")):
        for name in names:
            if excerpt in data.get(name, ""):
                data[name] = data[name].replace(excerpt, replacement)
    return data


def _fix_value(find: TextFind) -> str:
    field = {"period_text": "period"}.get(find.field, find.field)
    return json.dumps([field, find.excerpt, find.replacement], ensure_ascii=False)


def _typed_demand(form: DemandForm, record: Demand | None) -> tuple[Demand | None, list[DemandIndicator]]:
    """An unsaved demand with the typed texts, also if other fields have errors."""
    form.is_valid()
    values, data = form.cleaned_data, form.data
    firm = record.firm if record else values.get("firm")
    if not isinstance(firm, Organisation):
        return None, []
    demand = Demand(
        firm=firm,
        industry=values.get("industry"),
        is_anonymous=bool(values.get("is_anonymous")),
        chosen_detail=values.get("chosen_detail") or "",
        keywords=list(values.get("keywords") or ()),
        period_text=str(data.get("period", ""))[:60].strip(),
        **{name: str(values.get(name, data.get(name, "")))[:MAX_TEXT] for name in _TEXTS},
    )
    rows = []
    for row in form.formset.forms:
        cleaned = getattr(row, "cleaned_data", {})
        if cleaned.get("name") and not cleaned.get("DELETE"):
            rows.append(DemandIndicator(**{name: cleaned.get(name) or "" for name in row.Meta.fields}))
    return demand, rows
