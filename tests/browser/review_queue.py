"""A queue of proposals for the review desk: few needs and achievements, many pairs, made in few statements."""

from matching.models import Match
from tests import factories as make

FACTS = [
    {"kind": "indicators", "verdict": "fits", "sentence": "需求列出 1 项指标：1 项满足", "brief": "耐温满足",
     "rows": [{"name": "耐温", "need": "耐温 ≥ 200 ℃", "offer": "耐温 220 ℃", "result": "met", "note": ""}]},
    {"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议", "brief": "价格面议"},
    {"kind": "stage", "verdict": "unknown", "sentence": "成果未说明所处阶段", "brief": ""},
]  # fmt: skip


def proposals(number: int, *, needs: int = 10, firm=None) -> list[Match]:
    """So many proposals for firms of 金普新区, the best first, all of one run."""
    firms = [firm] if firm else [make.firm(f"大连示例轴承{n}有限公司") for n in range(min(needs, 5))]
    institution = make.institution()
    demands = [make.demand(firm=firms[n % len(firms)]) for n in range(needs)]
    offers = [make.achievement(institution=institution) for _ in range(-(-number // needs))]
    run = make.match_run(status="done", finished_at="2026-11-20T08:00:00Z")
    pairs = [(demand, offer) for offer in offers for demand in demands][:number]
    return Match.objects.bulk_create(
        Match(
            achievement=offer,
            demand=demand,
            run=run,
            first_run=run,
            rank=1,
            score=99 - place * 39 / number,
            parts={"title_similarity": 0.4, "text_similarity": 0.3, "bm25": 0.2},
            shared_terms=["正极材料", "循环寿命"],
            facts=FACTS,
        )
        for place, (demand, offer) in enumerate(pairs)
    )
