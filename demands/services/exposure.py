"""How well an anonymous demand hides its firm: how many firms fit it, and what in its texts leads to the firm.

The form shows it while one writes, the review page shows it to the officer, and publication depends on it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone

from accounts.models import Organisation, Region
from demands.exposing_texts import TextFind, find_exposing
from demands.masking import INDICATOR_FIELDS, PUBLIC_FIELDS
from demands.models import Demand, DemandIndicator
from demands.registry_fit import Fact, FirmFacts, Fit, Registry, folded
from taxonomy.models import Industry

Detail = Demand.Detail
MAX_FACTS = 6
LABELS = {field.name: str(field.verbose_name) for field in Demand._meta.fields}


@dataclass(frozen=True)
class Exposure:
    finds: tuple[TextFind, ...]
    fits: dict[str, Fit]
    """By `Demand.Detail`: the firms that fit if the demand says so much of its firm."""
    detail: str
    """What the demand says: as chosen, or the most that leaves enough firms."""
    text_hash: str
    """Of all public texts and the detail. A consent holds for it only."""

    @property
    def fit(self) -> Fit:
        return self.fits[self.detail]

    @property
    def names(self) -> list[TextFind]:
        return [find for find in self.finds if find.is_name]

    @property
    def needs_consent(self) -> bool:
        return not self.fit.is_enough or any(not find.is_name for find in self.finds)

    @property
    def sentence(self) -> str:
        """这几项合起来，全市登记的 110 家企业里只有 3 家符合。"""
        only = "只有" if not self.fit.is_enough else "有"
        return f"这几项合起来，全市登记的 {self.fit.total} 家企业里{only} {self.fit.count} 家符合。"

    @property
    def details(self) -> list[tuple[str, str, int]]:
        """(detail, label, firms that fit) of each way to describe the firm."""
        return [(detail, str(Detail(detail).label), fit.count) for detail, fit in self.fits.items()]

    @property
    def facts(self) -> list[tuple[str, int, str, int]]:
        """(fact, firms that it fits, what to do, firms that fit all others): the facts that narrow most, first."""
        if self.fit.is_enough:
            return []
        others = dict(self.fit.narrowing)
        rows = [(fact.label, len(fact.firms), fact.advice, others.get(fact, 0)) for fact in self.fit.facts]
        return sorted(rows, key=lambda row: (row[1], row[0]))[:MAX_FACTS]

    @property
    def without_phrases(self) -> int:
        """Firms that fit if no phrase of the text were of the firm alone; 0 if that changes nothing."""
        kept = [fact for fact in self.fit.facts if fact.kind != "phrase"]
        if len(kept) == len(self.fit.facts):
            return 0
        count = len(frozenset.intersection(*(fact.firms for fact in kept))) if kept else self.fit.total
        return count if count > self.fit.count else 0


class ExposureCheck:
    """Checks demands against the registry as it is when this object is made. Five queries for any number of demands."""

    def __init__(self) -> None:
        self.industries = {industry.pk: industry for industry in Industry.objects.all()}
        self.regions = {region.pk: region for region in Region.objects.all()}
        self.registry = _load_registry(self.industries)

    @classmethod
    def recent(cls) -> "ExposureCheck":
        """One that is at most RECENT old and has seen all demands and firms: for hints while somebody types."""
        global _recent
        newest = Demand.objects.aggregate(Max("updated_at"), Count("pk"))
        key = (*newest.values(), *Organisation.objects.aggregate(Max("pk"), Count("pk")).values())
        if _recent is None or _recent[0] != key or timezone.now() - _recent[1] > RECENT:
            _recent = key, timezone.now(), cls()
        return _recent[2]

    def assess(self, demand: Demand, indicators: Sequence[DemandIndicator] | None = None) -> Exposure:
        """`indicators`: unsaved ones to check instead of the stored ones. Only for anonymous demands."""
        if indicators is None:
            indicators = list(demand.indicators.all()) if demand.pk else []
        texts = public_texts(demand, indicators)
        text = folded("\n".join(text for _field, _label, text in texts))
        registry, own = self.registry, demand.firm_id
        if own not in registry.firms:  # not active, or not saved yet
            own_facts = FirmFacts(own or 0, demand.firm.stat_region_id, frozenset(), demand.firm.firm_type, "")
            registry = Registry(registry.firms | {own_facts.pk: own_facts}, registry.other_texts)
            own = own_facts.pk
        stated = [
            *registry.kind_facts(own, text),
            *registry.phrase_facts(own, text),
            *self._stated_region(demand, text),
        ]
        fits = {
            detail: registry.fit(own, [*self._facts_of_detail(demand, registry, detail), *stated]) for detail in Detail
        }
        chosen = demand.chosen_detail or next((d for d, fit in fits.items() if fit.is_enough), Detail.NOTHING)
        return Exposure(
            tuple(find_exposing(demand.firm, texts)),
            {str(detail): fit for detail, fit in fits.items()},
            str(chosen),
            _text_hash(texts, demand, str(chosen)),
        )

    def _facts_of_detail(self, demand: Demand, registry: Registry, detail: str) -> list[Fact]:
        facts = []
        region, industry = demand.firm.stat_region_id, demand.industry_id
        if detail == Detail.DISTRICT and region:
            facts.append(registry.region_fact(region, self.regions[region].name))
        if detail != Detail.NOTHING and industry:
            shown = industry if detail != Detail.BRANCH else self.industries[industry].parent_id or industry
            facts.append(registry.industry_fact(self._family(shown), self.industries[shown].name))
        return facts

    def _family(self, pk: int) -> frozenset[int]:
        return frozenset({pk} | {industry.pk for industry in self.industries.values() if industry.parent_id == pk})

    def _stated_region(self, demand: Demand, text: str) -> list[Fact]:
        """The firm's district, if a text names it."""
        region = self.regions.get(demand.firm.stat_region_id or 0)
        if region is None:
            return []
        spellings = [region.name, *region.aliases.split("、")]
        spelling = next((s for s in spellings if len(s) >= 2 and folded(s) in text), "")
        if not spelling:
            return []
        fact = self.registry.region_fact(region.pk, region.name)
        return [Fact("region", f"文字里写了“{spelling}”", fact.firms, f"“{spelling}”改成“{settings.CITY.name}某区”")]


RECENT = timedelta(minutes=2)
_recent: tuple[tuple[object, ...], datetime, ExposureCheck] | None = None


def public_texts(demand: Demand, indicators: Iterable[DemandIndicator]) -> list[tuple[str, str, str]]:
    """(field, label, text) of all public texts but the alias, which the platform makes."""
    texts = []
    for field in PUBLIC_FIELDS:
        value = getattr(demand, field)
        if field != "public_alias" and value:
            label = LABELS[field]
            texts.append((field, label, "、".join(value) if isinstance(value, list | tuple) else value))
    for indicator in indicators:
        text = " ".join(getattr(indicator, field) for field in INDICATOR_FIELDS if getattr(indicator, field))
        texts.append(("indicators", f"技术指标“{indicator.name}”", text))
    return texts


def _text_hash(texts: Iterable[tuple[str, str, str]], demand: Demand, detail: str) -> str:
    facts = [[field, text] for field, _label, text in texts] + [detail, demand.industry_id]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def _load_registry(industries: dict[int, Industry]) -> Registry:
    firms = Organisation.objects.firms().filter(is_active=True)
    rows = firms.values_list("pk", "stat_region_id", "firm_type", "name", "short_name", "profile")
    texts: dict[int, list[str]] = {}
    known: dict[int, set[int]] = {}
    others: list[tuple[int, str]] = []
    demands = Demand.objects.exclude(status=Demand.Status.CLOSED)
    published = set(Demand.objects.published().values_list("pk", flat=True))
    fields = ("title", "problem", "goal", "conditions")
    for pk, firm, industry, is_anonymous, keywords, *words in demands.values_list(
        "pk", "firm_id", "industry_id", "is_anonymous", "keywords", *fields
    ):
        if industry:
            known.setdefault(firm, set()).update({industry} | {industries[industry].parent_id or industry})
        if pk in published:
            text = folded("\n".join([*words, "、".join(keywords)]))
            if is_anonymous:
                others.append((firm, text))
            else:
                texts.setdefault(firm, []).append(text)
    return Registry(
        {
            pk: FirmFacts(
                pk,
                region,
                frozenset(known.get(pk, ())),
                firm_type,
                "\n".join([folded(f"{name}\n{short}\n{profile}"), *texts.get(pk, ())]),
            )
            for pk, region, firm_type, name, short, profile in rows
        },
        others,
    )
