"""The demo city's hand-made truth, read from its files: no database, the same figures for everybody."""

import json
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.models import Organisation, Region
from achievements.models import Achievement, Indicator
from demands.models import Demand, DemandIndicator
from matching.engine import Item
from matching.engine.twins import Likeness
from matching.evaluation.asking import Registry, ask_about
from matching.evaluation.cases import Case, Cases
from taxonomy.models import maturity_bucket

FOLDER = Path(settings.BASE_DIR) / "demo_city"
OFFERED = {"registered", "featured", "docking"}
INDUSTRY, SPLIT = "产业", "用途"
SPLITS = {"development": "选择权重用", "final": "留作检验"}
OFFER_FIELDS = (
    *("title", "summary", "innovation", "scenario", "keywords", "stage", "transfer_ways", "standing", "pay_later"),
)
NEED_FIELDS = ("title", "problem", "goal", "conditions", "keywords", "transfer_ways")


def demo_city(folder: Path = FOLDER, *, split: str = "") -> Cases:
    """Judged pairs of the demo city: grade 0–3 becomes level 1–4. `split`: only its "development" or "final" needs."""
    offers, needs = _by_id(folder, "achievements"), _by_id(folder, "demands")
    truth = [row for row in _rows(folder, "truth") if not split or row.get("split", "") == split]
    number, registry = _numbers(folder), registry_of(folder)
    groups = _groups(needs)
    rows = [
        Case(
            demand=number[row["demand"]],
            achievement=number[row["achievement"]],
            group=groups[row["demand"]],
            level=row["grade"] + 1,
            demand_title=needs[row["demand"]]["title"],
            achievement_title=offers[row["achievement"]]["title"],
            reason=row.get("reason", ""),
            parts={INDUSTRY: needs[row["demand"]]["industry"], SPLIT: SPLITS.get(row.get("split", ""), "")},
        )
        for row in truth
    ]

    def ask(engine: str):
        from matching.engine.report import Judged

        found = ask_about(registry, [(row.achievement, row.demand) for row in rows], engine)
        judged_needs = {row.demand for row in rows}
        return Judged(
            engine=engine,
            scores=found.scores,
            levels=[row.level for row in rows],
            demands=[row.demand for row in rows],
            groups=[row.group for row in rows],
            silence={demand: value for demand, value in found.silence.items() if demand in judged_needs},
            silent=found.silent & judged_needs,
            standings={demand: value for demand, value in found.standings.items() if demand in judged_needs},
        )

    return Cases("演示城市", rows, ask)


def registry_of(folder: Path = FOLDER) -> Registry:
    """Both sides of the city: what is on offer or was judged, and all needs."""
    number, judged = _numbers(folder), {row["achievement"] for row in _rows(folder, "truth")}
    return Registry(
        achievements={
            number[name]: _offer(number[name], row, folder)
            for name, row in _by_id(folder, "achievements").items()
            if name in judged or (row["status"] in OFFERED and row["valid_days"] > 0)
        },
        demands={number[name]: _need(number[name], row, folder) for name, row in _by_id(folder, "demands").items()},
        regions={code: code for kind in ("institutions", "firms") for code in _codes(folder, kind)},
        today=timezone.localdate(),
    )


def _numbers(folder: Path) -> dict[str, int]:
    """A number for each item, in place of a primary key."""
    names = [*_by_id(folder, "achievements"), *_by_id(folder, "demands")]
    return {name: place for place, name in enumerate(names, start=1)}


def _by_id(folder: Path, kind: str) -> dict[str, dict]:
    return {row["id"]: row for row in _rows(folder, kind)}


@cache
def _rows(folder: Path, kind: str) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]


def _groups(needs: dict[str, dict]) -> dict[str, int]:
    items = [Item(name, row["title"], f"{row['problem']}\n{row['goal']}") for name, row in needs.items()]
    return dict(zip(needs, Likeness(items).groups(), strict=True))


def _offer(key: int, row: dict, folder: Path) -> Achievement:
    maturity, price = row["maturity"], _money(row["price_wan"])
    achievement = Achievement(
        pk=key,
        institution=_owner(folder, "institutions", row["institution"]),
        maturity_bucket=maturity_bucket(maturity["scale"], maturity["level"]),
        price_min_wan=price,
        price_max_wan=price,
        transferred_note=row["status_reason"] if row["status"] == "transferred" else "",
        **{name: row[name] for name in OFFER_FIELDS},
    )
    return _with_indicators(achievement, Indicator, row["indicators"])


def _need(key: int, row: dict, folder: Path) -> Demand:
    period = row["period"]
    months = timedelta(days=30.4 * period["end_in_months"]) if period["end_in_months"] else None
    demand = Demand(
        pk=key,
        firm=_owner(folder, "firms", row["firm"]),
        budget_min_wan=_money(row["budget_min_wan"]),
        budget_max_wan=_money(row["budget_max_wan"]),
        period_text=period["text"],
        period_end=timezone.localdate() + months if months else None,
        **{name: row[name] for name in NEED_FIELDS},
    )
    return _with_indicators(demand, DemandIndicator, row["indicators"])


def _money(wan: float | None) -> Decimal | None:
    return None if wan is None else Decimal(str(wan))


def _with_indicators(row, model, indicators: list[dict]):
    """As if prefetched: an unsaved row has no indicators of its own."""
    names = {field.name for field in model._meta.get_fields()}
    made = [model(**{name: value for name, value in one.items() if name in names}) for one in indicators]
    row._prefetched_objects_cache = {"indicators": model.objects.none()}
    row._prefetched_objects_cache["indicators"]._result_cache = made
    return row


@cache
def _owner(folder: Path, kind: str, name: str) -> Organisation:
    """The district of a side is a fact too; its region's code stands in for its primary key."""
    row = _by_id(folder, kind)[name]
    return Organisation(name=row["name"], stat_region=Region(pk=row["stat_region"]) if row["stat_region"] else None)


def _codes(folder: Path, kind: str) -> set[str]:
    return {row["stat_region"] for row in _rows(folder, kind) if row["stat_region"]}
