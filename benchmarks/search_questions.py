"""Questions to the search: `python -m benchmarks.search_questions [--quality] [--time [--number N]]`.

Prints JSON lines. With `--quality` (needs DATABASE_URL of a database with the demo city): for each half of
`search_questions.jsonl` and each kind, how many questions have an expected title among the first ten and the first
three results of `/achievements/?q=…`. The half "tuned" was used while the lists and weights were made, "unseen" only to
measure. With `--time` (a database of its own with N achievements): milliseconds of the page and of the search in it,
for sentences and for literal words, by wall clock and processor; seconds of the first request and until the index is
ready.
"""

import argparse
import json
import random
import re
import resource
import time
from collections import defaultdict
from html import unescape
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

QUESTIONS = Path(__file__).with_suffix(".jsonl")
ASKED = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--number", type=int, default=10_000)
    options = parser.parse_args()
    if options.quality:
        _set_up_demo()
        for half in ("tuned", "unseen"):
            print(json.dumps(quality(half), ensure_ascii=False))
    if options.time:
        from benchmarks import environment
        from benchmarks.registry import fill_achievements

        with environment.database():
            fill_achievements(options.number)
            print(json.dumps(times(options.number)))


def quality(half: str) -> dict:
    """{"half", kind: [questions, among ten, among three], …, "all", "missed": [question, …]}."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    missed = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question["half"] != half:
            continue
        titles = first_titles(question["q"])
        place = min(
            (titles.index(title) for title in question["expected"] if title in titles), default=len(titles) + 10
        )
        for name in (question["kind"], "all"):
            for at, is_good in enumerate((True, place < 10, place < 3)):
                counts[name][at] += is_good
        if place >= 10:
            missed.append(question["q"])
    return {"benchmark": "search_questions", "half": half, **counts, "missed": missed}


def first_titles(q: str) -> list[str]:
    """The titles on the first page of results, as a visitor reads them."""
    from django.test import Client

    html = Client().get(f"/achievements/?q={quote(q)}").content.decode()
    return [unescape(re.sub("<[^>]*>", "", title)).strip() for title in re.findall(r"<h3><a[^>]*>(.*?)</a></h3>", html)]


def times(number: int) -> dict:
    from achievements.models import Achievement
    from benchmarks.texts import texts

    source = random.Random(7)
    titles = list(Achievement.objects.order_by("pk").values_list("title", flat=True)[:3000])
    words = [title[at : at + 4] for title in source.sample(titles, ASKED) for at in [source.randrange(8)]]
    sentences = [text[:30] for text in texts(ASKED, length=60, seed=13)]
    started = time.perf_counter()
    first_titles(sentences[0])
    first = time.perf_counter() - started
    _wait_for_index()
    ready = time.perf_counter() - started
    return {
        "benchmark": "search_times",
        "achievements": number,
        "first_request_s": round(first, 2),
        "index_ready_s": round(ready, 1),
        "sentences": _milliseconds(sentences),
        "literal_words": _milliseconds(words),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _milliseconds(questions: list[str]) -> dict:
    """Of the page and of the search alone, which the page calls: wall clock and processor."""
    from django.contrib.auth.models import AnonymousUser

    from achievements.models import Achievement
    from portal.search.results import find

    rows = Achievement.objects.visible_to(AnonymousUser()).published()
    runs = {"page": lambda q: first_titles(q), "search": lambda q: find("achievements", q, rows)}
    return {name: _percentiles(run, questions) for name, run in runs.items()}


def _percentiles(run, questions: list[str]) -> dict:
    clocks = {"wall": time.perf_counter, "processor": time.process_time}
    spent: dict[str, list[float]] = {name: [] for name in clocks}
    run(questions[0])
    for question in questions:
        before = {name: clock() for name, clock in clocks.items()}
        run(question)
        for name, clock in clocks.items():
            spent[name].append(1000 * (clock() - before[name]))
    at = {name: quantiles(values, n=20) for name, values in spent.items()}
    return {name: {"p50": round(cut[9], 1), "p95": round(cut[18], 1)} for name, cut in at.items()}


def _wait_for_index() -> None:
    from portal.search.index import SEARCH_INDEX

    while SEARCH_INDEX.current_or_none() is None:
        pass


def _set_up_demo() -> None:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")
    django.setup()
    from django.conf import settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.ALLOWED_HOSTS = ["testserver"]


if __name__ == "__main__":
    main()
