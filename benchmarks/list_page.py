"""The page 找成果 against its own template: `python -m benchmarks.list_page [--large]`.

One JSON line, in milliseconds of server time (median of 40, asked in turn through handler, middleware and compression):
`bare`, a view that renders the same template from what the page found before; `page`, the whole page, whose counts of a
large list may be ten seconds old; `counting`, the same page when it must count. At 10,000 published achievements, with
`--large` at 100,000; everything, with choices ticked in two facets, and for two words of two characters.
"""

import argparse
import json
import time
from statistics import median
from urllib.parse import quote

from benchmarks import environment
from benchmarks.registry import fill_achievements

QUESTIONS = {
    "everything": "",
    "two facets": "industry=materials&industry=equipment&way=licence",
    "a rare word": "q={rare}",
    "a common word": "q={common}",
}


ready = {}
"""What the page found last, for the bare view."""


def serve() -> None:
    """Keep what the page finds, and give the bare view an address beside it."""
    from django.shortcuts import render
    from django.urls import path

    from dalian_techtransfer import urls
    from portal.views.public import achievements

    render_results = achievements.render_results

    def keeping(request, name, results):
        ready["results"] = results
        return render_results(request, name, results)

    def bare(request):
        return render(request, "portal/public/achievement_list.html", {"results": ready["results"], "is_part": False})

    achievements.render_results = keeping
    urls.urlpatterns.append(path("bare/", bare, name="achievement_list"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    number = 100_000 if options.large else 10_000
    with environment.database():
        fill_achievements(number)
        serve()
        words = common_and_rare()
        measured = {name: compare(text.format_map(words), options.rounds) for name, text in QUESTIONS.items()}
    print(json.dumps({"benchmark": "list_page", "achievements": number, "questions": measured}))


def common_and_rare() -> dict[str, str]:
    """Two words of two characters: found in about a tenth of all texts, and in one of a thousand."""
    from collections import Counter

    from achievements.models import Achievement

    texts = list(Achievement.objects.values_list("summary", flat=True)[:2000])
    holding = Counter(pair for text in texts for pair in {text[at : at + 2] for at in range(len(text) - 1)})
    pairs = {pair: count for pair, count in holding.items() if "，" not in pair}
    return {
        name: quote(min(pairs, key=lambda pair: (abs(pairs[pair] - len(texts) * share), pair)))
        for name, share in (("common", 0.1), ("rare", 0.001))
    }


def compare(question: str, rounds: int) -> dict:
    """Both addresses asked in turn, through everything that answers a browser: handler, middleware, compression."""
    from django.core.cache import caches
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection

    handler = WSGIHandler()
    paths = {"page": "/achievements/", "bare": "/bare/"}
    ready.clear()
    queries = []

    def counting(execute, sql, *rest):
        queries.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(counting):
        answers = {name: ask(handler, path, question) for name, path in paths.items()}
    if answers["page"].replace(b"/achievements/", b"/bare/") != answers["bare"].replace(b"/achievements/", b"/bare/"):
        raise RuntimeError("the two views do not show the same page")
    seconds = {"counting": [], "page": [], "bare": []}
    for _ in range(rounds):
        caches["process"].clear()  # of which the first request counts anew, the second finds what that one counted
        for name, times in seconds.items():
            start = time.perf_counter()
            ask(handler, paths.get(name, paths["page"]), question, {"HTTP_ACCEPT_ENCODING": "gzip"})
            times.append(time.perf_counter() - start)
    counting_ms, page_ms, bare_ms = (median(times) * 1000 for times in seconds.values())
    return {
        "found": ready["results"].total,
        "page_ms": round(page_ms, 1),
        "counting_ms": round(counting_ms, 1),
        "bare_ms": round(bare_ms, 1),
        "ratio": round(page_ms / bare_ms, 2),
        "ratio_counting": round(counting_ms / bare_ms, 2),
        "queries": len(queries),
    }


def ask(handler, path: str, question: str, headers: dict | None = None) -> bytes:
    from django.test import RequestFactory

    environment = RequestFactory(**(headers or {}))._base_environ(PATH_INFO=path, QUERY_STRING=question)
    answered = []
    response = handler(environment, lambda status, _headers: answered.append(status))
    body = b"".join(response)
    response.close()
    if answered != ["200 OK"]:
        raise RuntimeError(f"{path}?{question}: {answered}")
    return body


if __name__ == "__main__":
    main()
