"""Words of two characters among 100,000 items: `python -m benchmarks.search_two_characters [--number N --file F]`.

One JSON line. `ms`: the first page as 找成果 asks for it (published, found, hits in titles first, twenty rows), for
parts of two characters from random places of random texts, each asked once. `recall`: of all rows that a LIKE scan of
title, summary and keywords finds, the share that the search finds, over parts of two to eight characters. Texts are
invented (`pair_shares` says how common their pairs are) or, with --file, the descriptions of a workbook over and over.
"""

import argparse
import json
import random
import time
from pathlib import Path

from benchmarks import environment
from benchmarks.registry import fill_achievements
from benchmarks.texts import pair_shares, random_part

PAGE = 20
SCANNED = 200
"""Parts compared with a scan, which takes a second each at 100,000 rows."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--file", type=Path, help="a workbook of achievements to take the texts from")
    options = parser.parse_args()
    bodies = descriptions(options.file) if options.file else None
    with environment.database():
        fill_achievements(options.number, bodies)
        print(json.dumps(measured(options.number, options.words)))


def measured(number: int, words: int) -> dict:
    from achievements.models import Achievement

    source = random.Random(11)
    keys = list(Achievement.objects.order_by("pk").values_list("pk", flat=True))
    chosen = source.sample(keys, min(3000, len(keys)))
    documents = list(Achievement.objects.filter(pk__in=chosen).order_by("pk").values_list("summary", flat=True))
    milliseconds = sorted(first_page(part_to_search(source, documents, 2)) for _ in range(words))
    return {
        "benchmark": "search_two_characters",
        "achievements": number,
        "words": words,
        "ms": {f"p{percent}": round(milliseconds[words * percent // 100], 1) for percent in (50, 90, 95, 99)},
        "recall": recall(part_to_search(source, documents, source.choice([2, 2, 3, 5, 8])) for _ in range(SCANNED)),
        "compared_with_a_scan": SCANNED,
        "pair_shares": pair_shares(documents),
        "index_mb": index_mb(),
    }


def part_to_search(source: random.Random, documents: list[str], size: int) -> str:
    """Not cut at a blank: what somebody types has none at its ends."""
    while True:
        part = random_part(source, documents, size)
        if len(part.strip()) == size:
            return part


def first_page(q: str) -> float:
    from django.contrib.auth.models import AnonymousUser

    from achievements.models import Achievement
    from core.search_results import KeysetSlice, relevance

    start = time.perf_counter()
    published = Achievement.objects.visible_to(AnonymousUser()).published()
    readable = published.select_related("institution", "industry").prefetch_related("intellectual_property")
    KeysetSlice(readable, published.search(q), relevance(q), published.search_headline(q))[0:PAGE]
    return (time.perf_counter() - start) * 1000


def recall(parts) -> float:
    from django.db.models import Func, Q, TextField, Value

    from achievements.models import Achievement

    wanted = missed = 0
    for q in parts:
        words = Func("keywords", Value("\n"), function="array_to_string", output_field=TextField())
        scan = Achievement.objects.alias(words=words).filter(
            Q(title__contains=q) | Q(summary__contains=q) | Q(words__contains=q)
        )
        by_scan = set(scan.values_list("pk", flat=True))
        wanted += len(by_scan)
        missed += len(by_scan - set(Achievement.objects.search(q).values_list("pk", flat=True)))
    return 1 - missed / wanted


def index_mb() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('achievement_by_bigram') >> 20")
        return cursor.fetchone()[0]


def descriptions(path: Path) -> list[str]:
    from benchmarks.match_engine import read

    return [item.text for item in read(path) if len(item.text) > 100]


if __name__ == "__main__":
    main()
