"""How long the engine takes: `python -m benchmarks.match_engine [--large | --achievements F --demands F]`.

One JSON line: index, top 20 and the reasons of all that would be shown, in one process, without a database. By default
524 × 160 texts of about 250 characters from a seeded generator; `--large` 10,000 × 2,000; or files (.jsonl with id,
title, text; .xlsx: the fullest of the first ten rows is the header, …名称 the title, …简介, …概述 and 关键词 the text).
"""

import argparse
import json
import random
import resource
import time
from pathlib import Path

from matching.engine import SHOWN_FROM, Item, build
from matching.engine.__main__ import _items
from matching.engine.ranking import Index
from matching.engine.thesaurus import standard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--achievements", type=Path)
    parser.add_argument("--demands", type=Path)
    options = parser.parse_args()
    offered, needed = (10_000, 2_000) if options.large else (524, 160)
    achievements = read(options.achievements) if options.achievements else invented(offered, seed=1)
    demands = read(options.demands) if options.demands else invented(needed, seed=2)
    print(json.dumps(measured(achievements, demands)))


def measured(achievements: list[Item], demands: list[Item]) -> dict:
    """Seconds of each step, milliseconds of one new need at a time (both of one core, whatever else the machine does),
    and peak memory of the process in MB."""
    start = time.process_time()
    index = build(achievements, demands)
    built = time.process_time()
    rankings = list(index.rank(demands, k=20, minimum=SHOWN_FROM))
    ranked = time.process_time()
    shown = [
        (proposal.achievement_id, demand)
        for ranking, demand in zip(rankings, demands, strict=True)
        for proposal in ranking.proposals
    ]
    for achievement_id, demand in shown:
        index.explain(achievement_id, demand)
        index.relate(achievement_id, demand)
    explained = time.process_time()
    alone = sorted(_alone(index, demand) for demand in invented(200, seed=3))
    return {
        "benchmark": "match_engine",
        "achievements": len(achievements),
        "demands": len(demands),
        "seconds": round(explained - start, 3),
        "seconds_build_with_imports": round(built - start, 3),
        "seconds_rank": round(ranked - built, 3),
        "seconds_explain": round(explained - ranked, 3),
        "shown": len(shown),
        "needs_with_a_match": sum(bool(ranking.proposals) for ranking in rankings),
        "one_need_ms_p50": round(alone[100] * 1000, 1),
        "one_need_ms_p95": round(alone[190] * 1000, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _alone(index: Index, demand: Item) -> float:
    """Seconds for one need that the index has never seen: its ten best, with reasons."""
    start = time.process_time()
    for proposal in next(index.rank([demand], k=10)).proposals:
        index.explain(proposal.achievement_id, demand)
        index.relate(proposal.achievement_id, demand)
    return time.process_time() - start


def invented(size: int, *, seed: int) -> list[Item]:
    """Texts whose words are as unevenly common as in real language (Zipf), each leaning to one of the fields of the
    technical thesaurus: half of the field's words are terms of it, the others invented."""
    vocabulary = random.Random(0)
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 2500)]
    common = ["".join(vocabulary.choices(characters, k=2)) for _ in range(1500)]
    terms: dict[str, list[str]] = {}
    for term, concepts in zip(standard().terms, standard().concepts, strict=True):
        for concept in concepts:
            if str(concept).startswith("##"):
                terms.setdefault(concept, []).append(term)
    fields = [
        vocabulary.sample(
            [*held, *("".join(vocabulary.choices(characters, k=vocabulary.choice([2, 2, 3, 4]))) for _ in held)],
            k=2 * len(held),
        )
        for held in terms.values()
    ]
    source = random.Random(seed)

    def words(field: list[str], count: int) -> str:
        picks = (field if source.random() < 0.4 else common for _ in range(count))
        return "".join(words_[int(len(words_) ** source.random()) - 1] for words_ in picks)

    return [Item(n, words(field, 8), words(field, 105)) for n in range(size) for field in [source.choice(fields)]]


def read(path: Path) -> list[Item]:
    if path.suffix == ".jsonl":
        return _items(str(path))
    from openpyxl import load_workbook

    rows = [[str(cell or "") for cell in row] for row in load_workbook(path, read_only=True).active.values]
    header = max(range(10), key=lambda n: sum(map(bool, rows[n])))
    title, *texts = (
        next(n for n, name in enumerate(rows[header]) if name.endswith(ending))
        for ending in ("名称", "简介", "概述", "关键词")
        if any(name.endswith(ending) for name in rows[header])
    )
    body = rows[header + 1 :]
    return [Item(n, row[title], "\n".join(row[text] for text in texts)) for n, row in enumerate(body) if row[title]]


if __name__ == "__main__":
    main()
