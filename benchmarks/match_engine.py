"""Time and memory of the engine: `python -m benchmarks.match_engine [--large | --achievements F --demands F]`.

Prints one JSON line: index, top 20 and the explaining terms of all shown matches, in one process without a database.
Default: 524 × 160 texts of about 250 characters from a seeded generator; `--large`: 10,000 × 2,000; or files (.jsonl
with id, title, text; .xlsx: the header is the row with most cells among the first ten, …名称 is the title, …简介, …概述
and 关键词 are the text).
"""

import argparse
import json
import random
import resource
import time
from pathlib import Path

from matching.engine import SCORE_THRESHOLD, Item, build
from matching.engine.jsonl_files import read_items
from matching.engine.ranking import Index
from matching.engine.thesaurus import default_thesaurus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--achievements", type=Path)
    parser.add_argument("--demands", type=Path)
    options = parser.parse_args()
    offered, needed = (10_000, 2_000) if options.large else (524, 160)
    achievements = read(options.achievements) if options.achievements else generated(offered, seed=1)
    demands = read(options.demands) if options.demands else generated(needed, seed=2)
    print(json.dumps(measured(achievements, demands)))


def measured(achievements: list[Item], demands: list[Item]) -> dict:
    """Return CPU seconds of each step, CPU milliseconds of single new demands, and peak memory of the process in MB."""
    start = time.process_time()
    index = build(achievements, demands)
    built = time.process_time()
    rankings = list(index.rank(demands, k=20, minimum=SCORE_THRESHOLD))
    after_rank = time.process_time()
    shown = [
        (ranked.achievement_id, demand)
        for ranking, demand in zip(rankings, demands, strict=True)
        for ranked in ranking.achievements
    ]
    for achievement_id, demand in shown:
        index.shared_terms(achievement_id, demand)
        index.related_terms(achievement_id, demand)
    explained = time.process_time()
    single = sorted(_seconds_of_one(index, demand) for demand in generated(200, seed=3))
    return {
        "benchmark": "match_engine",
        "achievements": len(achievements),
        "demands": len(demands),
        "seconds": round(explained - start, 3),
        "seconds_build_with_imports": round(built - start, 3),
        "seconds_rank": round(after_rank - built, 3),
        "seconds_explain": round(explained - after_rank, 3),
        "shown": len(shown),
        "needs_with_a_match": sum(bool(ranking.achievements) for ranking in rankings),
        "one_need_ms_p50": round(single[100] * 1000, 1),
        "one_need_ms_p95": round(single[190] * 1000, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _seconds_of_one(index: Index, demand: Item) -> float:
    """Return the CPU seconds of the ten best achievements of one new demand, with explaining terms."""
    start = time.process_time()
    for ranked in next(index.rank([demand], k=10)).achievements:
        index.shared_terms(ranked.achievement_id, demand)
        index.related_terms(ranked.achievement_id, demand)
    return time.process_time() - start


def generated(size: int, *, seed: int) -> list[Item]:
    """Return texts with word frequencies as in natural language (Zipf). Each text prefers one field of the thesaurus;
    half of a field's words are its terms, the others are generated."""
    vocabulary = random.Random(0)
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 2500)]
    common = ["".join(vocabulary.choices(characters, k=2)) for _ in range(1500)]
    terms: dict[str, list[str]] = {}
    for term, concepts in zip(default_thesaurus().terms, default_thesaurus().concepts, strict=True):
        for concept in concepts:
            if str(concept).startswith("##"):
                terms.setdefault(concept, []).append(term)
    fields = [
        vocabulary.sample(
            [*own, *("".join(vocabulary.choices(characters, k=vocabulary.choice([2, 2, 3, 4]))) for _ in own)],
            k=2 * len(own),
        )
        for own in terms.values()
    ]
    source = random.Random(seed)

    def text(field: list[str], count: int) -> str:
        word_lists = (field if source.random() < 0.4 else common for _ in range(count))
        return "".join(words[int(len(words) ** source.random()) - 1] for words in word_lists)

    return [Item(n, text(field, 8), text(field, 105)) for n in range(size) for field in [source.choice(fields)]]


def read(path: Path) -> list[Item]:
    if path.suffix == ".jsonl":
        return read_items(str(path))
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
