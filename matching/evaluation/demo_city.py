"""Judgments of the demo city, read from its files without a database."""

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
from matching.engine.near_duplicates import NearDuplicates
from matching.evaluation.engine_scores import EvaluationRegistry, score_pairs
from matching.evaluation.judgments import Judgment, JudgmentSet
from taxonomy.models import maturity_bucket

FOLDER = Path(settings.BASE_DIR) / "demo_city"
OFFERED = {"registered", "featured", "docking"}
INDUSTRY, SPLIT = "产业", "用途"
SPLITS = {"development": "选择权重用", "final": "留作检验"}
ACHIEVEMENT_FIELDS = (
    *("title", "summary", "innovation", "scenario", "keywords", "stage", "transfer_ways", "standing", "pay_later"),
)
DEMAND_FIELDS = ("title", "problem", "goal", "conditions", "keywords", "transfer_ways")


def judgments_from_demo_city(folder: Path = FOLDER, *, split: str = "") -> JudgmentSet:
    """Return the judged pairs of the demo city. Grade 0–3 becomes level 1–4.

    `split`: only the demands of this split ("development" or "final").
    """
    achievements, demands = _by_id(folder, "achievements"), _by_id(folder, "demands")
    truth = [row for row in _rows(folder, "truth") if not split or row.get("split", "") == split]
    keys, registry = _keys(folder), demo_city_registry(folder)
    groups = _groups(demands)
    rows = [
        Judgment(
            demand=keys[row["demand"]],
            achievement=keys[row["achievement"]],
            group=groups[row["demand"]],
            level=row["grade"] + 1,
            demand_title=demands[row["demand"]]["title"],
            achievement_title=achievements[row["achievement"]]["title"],
            reason=row.get("reason", ""),
            parts={INDUSTRY: demands[row["demand"]]["industry"], SPLIT: SPLITS.get(row.get("split", ""), "")},
        )
        for row in truth
    ]

    def score_with(engine: str):
        from matching.engine.evaluation_report import ScoredJudgments

        result = score_pairs(registry, [(row.achievement, row.demand) for row in rows], engine)
        judged = {row.demand for row in rows}
        return ScoredJudgments(
            engine=engine,
            scores=result.scores,
            levels=[row.level for row in rows],
            demands=[row.demand for row in rows],
            groups=[row.group for row in rows],
            no_match_probabilities={
                demand: value for demand, value in result.no_match_probabilities.items() if demand in judged
            },
            no_match_demands=result.no_match_demands & judged,
        )

    return JudgmentSet("演示城市", rows, score_with)


def demo_city_registry(folder: Path = FOLDER) -> EvaluationRegistry:
    """Return the achievements that are on offer or judged, and all demands."""
    keys, judged = _keys(folder), {row["achievement"] for row in _rows(folder, "truth")}
    return EvaluationRegistry(
        achievements={
            keys[row_id]: _achievement(keys[row_id], row, folder)
            for row_id, row in _by_id(folder, "achievements").items()
            if row_id in judged or (row["status"] in OFFERED and row["valid_days"] > 0)
        },
        demands={keys[row_id]: _demand(keys[row_id], row, folder) for row_id, row in _by_id(folder, "demands").items()},
        regions={code: code for kind in ("institutions", "firms") for code in _region_codes(folder, kind)},
        today=timezone.localdate(),
    )


def _keys(folder: Path) -> dict[str, int]:
    """Return a number for each id, used as primary key."""
    ids = [*_by_id(folder, "achievements"), *_by_id(folder, "demands")]
    return {row_id: key for key, row_id in enumerate(ids, start=1)}


def _by_id(folder: Path, kind: str) -> dict[str, dict]:
    return {row["id"]: row for row in _rows(folder, kind)}


@cache
def _rows(folder: Path, kind: str) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()]


def _groups(demands: dict[str, dict]) -> dict[str, int]:
    """Return the group of near-duplicates of each demand."""
    items = [Item(row_id, row["title"], f"{row['problem']}\n{row['goal']}") for row_id, row in demands.items()]
    return dict(zip(demands, NearDuplicates(items).groups(), strict=True))


def _achievement(key: int, row: dict, folder: Path) -> Achievement:
    maturity, price = row["maturity"], _money(row["price_wan"])
    achievement = Achievement(
        pk=key,
        institution=_owner(folder, "institutions", row["institution"]),
        maturity_bucket=maturity_bucket(maturity["scale"], maturity["level"]),
        price_min_wan=price,
        price_max_wan=price,
        transferred_note=row["status_reason"] if row["status"] == "transferred" else "",
        **{name: row[name] for name in ACHIEVEMENT_FIELDS},
    )
    return _with_indicators(achievement, Indicator, row["indicators"])


def _demand(key: int, row: dict, folder: Path) -> Demand:
    period = row["period"]
    months = timedelta(days=30.4 * period["end_in_months"]) if period["end_in_months"] else None
    demand = Demand(
        pk=key,
        firm=_owner(folder, "firms", row["firm"]),
        budget_min_wan=_money(row["budget_min_wan"]),
        budget_max_wan=_money(row["budget_max_wan"]),
        period_text=period["text"],
        period_end=timezone.localdate() + months if months else None,
        **{name: row[name] for name in DEMAND_FIELDS},
    )
    return _with_indicators(demand, DemandIndicator, row["indicators"])


def _money(wan: float | None) -> Decimal | None:
    return None if wan is None else Decimal(str(wan))


def _with_indicators(row, model, indicators: list[dict]):
    """Set the prefetch cache of `indicators`, because an unsaved row has no related rows."""
    names = {field.name for field in model._meta.get_fields()}
    rows = [model(**{name: value for name, value in indicator.items() if name in names}) for indicator in indicators]
    row._prefetched_objects_cache = {"indicators": model.objects.none()}
    row._prefetched_objects_cache["indicators"]._result_cache = rows
    return row


@cache
def _owner(folder: Path, kind: str, row_id: str) -> Organisation:
    """Return an unsaved organisation. The code of its region is used as the region's primary key."""
    row = _by_id(folder, kind)[row_id]
    return Organisation(name=row["name"], stat_region=Region(pk=row["stat_region"]) if row["stat_region"] else None)


def _region_codes(folder: Path, kind: str) -> set[str]:
    return {row["stat_region"] for row in _rows(folder, kind) if row["stat_region"]}
