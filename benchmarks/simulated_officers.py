"""Does learning help, and do careless officers spoil it? Simulated officers decide about the demo city, round by round.

    python -m benchmarks.simulated_officers [--seeds 20]

Needs of the hand-made truth are dealt into four parts. In rounds 1 to 3 a crew of ten officers decides about the first
five of each need of that part; after each round a ranker is trained on everything decided so far, as the nightly task
does, and makes the next round's order if it has won. The fourth part is never decided: on it the first five are
measured by how likely a careful officer would accept them.

A careful officer accepts with probability sigmoid(u): u = −4, −2.5, .5, 2.5 for grades 0 to 3 of the truth, and what
the city's firms care about on top: an indicator that is met 1, missed −1.5; a stage that is too early −2; a price far
above the budget −2; everything else 0. The prior knows nothing of these weights. A wrong officer does the opposite of a
careful one in half of all cases; a lazy one accepts everything. Everything is drawn from a seed.
"""

import argparse
import json
import os

TASTE = {
    ("indicators", "fits"): 1.0,
    ("indicators", "contradicts"): -1.5,
    ("stage", "contradicts"): -2.0,
    ("price", "contradicts"): -2.0,
}
BY_GRADE = (-4.0, -2.5, 0.5, 2.5)
CREWS = {"careful": (10, 0, 0), "3 of 10 wrong": (7, 3, 0), "3 of 10 lazy": (7, 0, 3), "2 wrong, 2 lazy": (6, 2, 2)}
PARTS, ROUNDS, FIRST = 4, 3, 5


def main(arguments=None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args(arguments)
    pairs = candidates()
    for crew in CREWS:
        print(json.dumps(simulate(pairs, crew, range(options.seeds)), ensure_ascii=False))


def candidates() -> dict:
    """{need: its twenty best pairs by the prior, each (score, parts, facts, how likely a careful officer accepts)}."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")
    os.environ.setdefault("SECRET_KEY", "benchmark")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    import django

    django.setup()
    import numpy as np

    from matching.engine.calibration import sigmoid
    from matching.evaluation.demo_city import demo_city_registry, judgments_from_demo_city
    from matching.evaluation.engine_scores import rank_demands

    cases = judgments_from_demo_city()
    grades = {(case.demand, case.achievement): case.level - 1 for case in cases.rows}
    judged = {case.demand for case in cases.rows}
    pairs = {}
    for demand, matches in rank_demands(demo_city_registry(), judged):
        rows = []
        for match in matches:
            facts = {fact["kind"]: fact["verdict"] for fact in match.facts}
            utility = BY_GRADE[grades.get((demand, match.achievement_id), 0)]
            utility += sum(TASTE.get(fact, 0.0) for fact in facts.items())
            rows.append((match.score, match.parts, facts, float(sigmoid(np.array(utility)))))
        pairs[demand] = rows
    return pairs


def simulate(pairs: dict, crew: str, seeds) -> dict:
    """Means over seeds: what a careful officer accepts of the first five, before learning and after each round."""
    import numpy as np

    runs = [_one(pairs, crew, seed) for seed in seeds]
    means = {"crew": crew, "seeds": len(runs)}
    for name in ("always", "if it won"):
        steps = np.array([run[name] for run in runs])
        gain = steps[:, -1] - steps[:, 0]
        error = 1.96 * gain.std(ddof=1) / len(gain) ** 0.5
        means[name] = {
            "accepted@5": [round(float(step), 3) for step in steps.mean(axis=0)],
            "gain": [round(float(value), 3) for value in (gain.mean(), gain.mean() - error, gain.mean() + error)],
            "worse seeds": int((gain < -0.005).sum()),
        }
    means["best possible"] = round(float(np.mean([run["best"] for run in runs])), 3)
    means["won after each round"] = [round(float(step), 2) for step in np.array([run["won"] for run in runs]).mean(0)]
    return means


def _one(pairs: dict, crew: str, seed: int) -> dict:
    import numpy as np

    from matching.engine.ranker import Example, has_enough_decisions, train

    random = np.random.default_rng(seed)
    needs = list(random.permutation(sorted(pairs)))
    parts = [needs[number::PARTS] for number in range(PARTS)]
    officers = [
        kind for kind, number in zip(("careful", "wrong", "lazy"), CREWS[crew], strict=True) for _ in range(number)
    ]
    examples, current = [], None
    results = {
        "always": [_accepted(pairs, parts[-1], None)],
        "if it won": [_accepted(pairs, parts[-1], None)],
        "won": [],
    }
    results["best"] = float(
        sum(sum(sorted((row[3] for row in pairs[need]), reverse=True)[:FIRST]) for need in parts[-1])
        / (FIRST * len(parts[-1]))
    )
    for number in range(ROUNDS):
        for place, need in enumerate(parts[number]):
            officer = place % len(officers)
            for score, facts_of, facts, chance in _first(pairs[need], current):
                accepted = _decides(officers[officer], chance, random)
                examples.append(Example(score, facts_of, facts, accepted, group=int(need), reviewer=officer))
        ranker = train(examples) if has_enough_decisions(examples) else None
        won = ranker is not None and _has_won(examples)
        current = ranker if won else current
        results["won"].append(won)
        results["always"].append(_accepted(pairs, parts[-1], ranker))
        results["if it won"].append(_accepted(pairs, parts[-1], current))
    return results


def _decides(kind: str, chance: float, random) -> bool:
    careful = bool(random.random() < chance)
    if kind == "lazy":
        return True
    return (not careful) if kind == "wrong" and random.random() < 0.5 else careful


def _has_won(examples) -> bool:
    from matching.engine.evaluation_report import ScoredJudgments, compare
    from matching.engine.ranker import cross_validated_scores, has_enough_decisions, reliable_examples
    from matching.services.learning import has_won

    examples = reliable_examples(examples)
    if not has_enough_decisions(examples):
        return False
    given = {
        "levels": [4 if example.accepted else 1 for example in examples],
        "demands": [example.group for example in examples],
        "groups": [example.group for example in examples],
    }
    prior = ScoredJudgments("prior", [example.score for example in examples], **given)
    return has_won(compare(prior, ScoredJudgments("learned", cross_validated_scores(examples), **given), resamples=200))


def _first(rows: list, ranker) -> list:
    order = sorted(rows, key=lambda row: -(ranker.score(*row[:3]) if ranker else row[0]))
    return order[:FIRST]


def _accepted(pairs: dict, needs, ranker) -> float:
    return float(sum(row[3] for need in needs for row in _first(pairs[need], ranker)) / (FIRST * len(needs)))


if __name__ == "__main__":
    main()
