"""What was added since an index was built is ranked as by an index over both, with the measures of the first."""

import json

import pytest
from django.conf import settings

from matching.engine import Item, build
from matching.engine.extended_index import ExtendedIndex, KnownRanking

K, KEPT = 10, 13


def items(name: str, number: int, *fields: str) -> list[Item]:
    lines = (settings.BASE_DIR / "demo_city" / f"{name}.jsonl").read_text().splitlines()[:number]
    rows = [json.loads(line) for line in lines]
    return [Item(n, row["title"], "\n".join(row[field] for field in fields)) for n, row in enumerate(rows)]


@pytest.fixture(scope="module")
def base():
    return build(items("achievements", 60, "summary"), items("demands", 24, "problem")[:20])


@pytest.fixture(scope="module")
def known(base):
    demands = list(base.corpus.demands)
    return {
        ranking.demand_id: KnownRanking(ranking.achievements, ranking.background, is_whole=False)
        for ranking in base.rank(demands, k=KEPT)
    }


def test_adding_only_what_was_there_changes_nothing(base):
    demands = list(base.corpus.demands)
    whole = ExtendedIndex(base, base.corpus.achievements, range(60))
    assert list(whole.rank(demands, k=K)) == list(base.rank(demands, k=K))


def test_a_known_ranking_and_the_added_are_what_a_full_ranking_is(base, known):
    """Some were added, one has changed, and the best ones of some demands were withdrawn."""
    demands = list(base.corpus.demands)
    offers = items("achievements", 80, "summary")
    changed = Item(3, offers[70].title, offers[3].text)
    best = [
        known[number].achievements[n].achievement_id for number, n in ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (5, 0))
    ]
    extended = ExtendedIndex(base, [*offers[60:], changed], {3, *best}, items("demands", 24, "problem")[20:])
    full = list(extended.rank(demands, k=K))
    assert list(extended.rank_known(demands, [known[item.id] for item in demands], k=K)) == full
    assert list(extended.rank_known(demands, [None] * 20, k=K)) == full
    shown = {ranked.achievement_id for ranking in full for ranked in ranking.achievements}
    assert shown & set(range(60, 80)) and not shown & set(best)
    assert full[0].profile.registry_size == 74
    assert [item.id for item in extended.demands([22, 4, 99])] == [4, 22]


def test_only_the_added_are_scored_if_enough_is_known(base, known, monkeypatch):
    demands = list(base.corpus.demands)
    extended = ExtendedIndex(base, items("achievements", 64, "summary")[60:], ())
    full = list(extended.rank(demands, k=K))
    monkeypatch.setattr(base, "rank", lambda *_args, **_options: iter(()))
    assert list(extended.rank_known(demands, [known[item.id] for item in demands], k=K)) == full


def test_of_the_added_only_those_that_may_be_among_the_best_are_scored_exactly(base, known, monkeypatch):
    demands = list(base.corpus.demands)
    extended = ExtendedIndex(base, items("achievements", 80, "summary")[60:], ())
    full = list(extended.rank(demands, k=K))
    method, scored = extended.added._method, []
    score_pairs = method.score_pairs
    monkeypatch.setattr(method, "score_pairs", lambda block, rows: scored.extend(rows[0]) or score_pairs(block, rows))
    assert list(extended.rank_known(demands, [known[item.id] for item in demands], k=K)) == full
    entered = [row for ranking in full for row in ranking.achievements if int(row.achievement_id) >= 60]
    assert len(entered) <= len(scored) < len(demands) * 20 / 2
