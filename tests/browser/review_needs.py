"""Needs with candidates for the by-need view, made in few statements."""

from matching.models import Match
from tests import factories as make
from tests.browser.review_queue import FACTS

SUMMARY = (
    "本成果面向动力电池企业。高镍三元正极材料表面生成均匀的包覆层，抑制副反应，提高循环寿命；包覆层厚度可以控制在五纳米以内。"
    "已在两家企业试用，设备可以租用。"
)


def needs(number: int, *, candidates: int = 5, firm=None) -> list[list[Match]]:
    """The candidates of each need, both in the order of the desk: the best first."""
    firm = firm or make.firm("大连示例电池有限公司")
    institution = make.institution()
    offers = [make.achievement(institution=institution, summary=SUMMARY) for _ in range(candidates)]
    run = make.match_run(status="done", finished_at="2026-11-20T08:00:00Z")
    demands = [make.demand(firm=firm) for _ in range(number)]
    rows = Match.objects.bulk_create(
        Match(
            achievement=offer,
            demand=demand,
            run=run,
            first_run=run,
            rank=place + 1,
            score=99 - 50 * order / number - place / 1000,
            level="high" if place == 0 and order == 0 else "candidate",
            probability=0.9 if place == 0 and order == 0 else 0.083,
            parts={"title_similarity": 0.4, "text_similarity": 0.3, "bm25": 0.2},
            shared_terms=["正极材料", "循环寿命"],
            related_terms=["包覆层≈涂层"],
            facts=FACTS,
        )
        for order, demand in enumerate(demands)
        for place, offer in enumerate(offers)
    )
    return [rows[at : at + candidates] for at in range(0, len(rows), candidates)]
