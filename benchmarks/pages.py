"""Public pages with 100,000 achievements and fifty visitors: `python -m benchmarks.pages [--number N] [--seconds S]`.

One JSON line per leg, through gunicorn as the image starts it (3 processes of 4 threads), PostgreSQL and Redis:

cpu, kept       milliseconds of processor per request, web and database, and the ratio to a bare Django view of the
                same run, by page: as visitors find the pages, most of them kept. Addresses are drawn by Zipf's law.
cpu, rendered   the same without copies (PUBLIC_COPY_SECONDS=0): what the first reader of each page costs
visitors        fifty visitors without pause over home, list, search and detail: requests a second, p50 and p95 by page
visitors, batch the same beside two processes that match without pause, as nice as the worker's (WORKER_NICENESS)

`--texts N` writes so many different texts (5,000), the rest are copies with other titles and dates. Begins when each
process has its indexes: at 100,000 minutes and gigabytes for each. `--requests N` of each page are measured (600) after
half as many that are not.
"""

import argparse
import http.client
import itertools
import json
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from benchmarks import environment
from benchmarks.review_desk import free_port

FOUR = ("home", "list", "search", "detail")
MEASURED = ("bare", *FOUR, "api")
TICKS = os.sysconf("SC_CLK_TCK")
ADDRESSES = 5000
"""Addresses from which visitors come: limits of searches and of the API count by address."""


def application():
    """For gunicorn: the site, with a view that does nothing."""
    from benchmarks.review_desk import application as site

    handler = site()
    from django.http import HttpResponse
    from django.urls import path

    from dalian_techtransfer import urls
    from matching.registry_indexes import MATCHING_INDEX
    from portal.search.index import SEARCH_INDEX

    def is_ready(_request):
        return HttpResponse(status=200 if SEARCH_INDEX._built and MATCHING_INDEX._built else 202)

    urls.urlpatterns.insert(0, path("bare/", lambda _request: HttpResponse("bare")))
    urls.urlpatterns.insert(0, path("ready/", is_ready))
    return handler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=100_000)
    parser.add_argument("--texts", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--requests", type=int, default=600)
    options = parser.parse_args()
    os.environ |= {"SECURE_COOKIES": "False", "BEHIND_TLS_PROXY": "True"}
    with environment.database():
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1"
        addresses = fill(options.number, min(options.texts, options.number))
        with Site({"PUBLIC_COPY_SECONDS": "300"}) as site:
            show("cpu, kept", options.number, cpu_by_page(site, addresses, options.requests))
            show("visitors", options.number, visit(site, addresses, options.visitors, options.seconds))
            with batch():
                show("visitors, batch", options.number, visit(site, addresses, options.visitors, options.seconds))
        with Site({}) as site:
            show("cpu, rendered", options.number, cpu_by_page(site, addresses, options.requests))


def show(leg: str, number: int, measured: dict) -> None:
    print(json.dumps({"benchmark": "pages", "leg": leg, "achievements": number, **measured}), flush=True)


# --- Rows and addresses ----------------------------------------------------------------------------------------------
def fill(number: int, texts: int) -> dict[str, list[str]]:
    """Achievements, a fifth as many demands with their firms; the addresses of each kind, the most visited first."""
    from django.db import connection

    from accounts.models import Organisation
    from achievements.models import Achievement, IntellectualProperty
    from benchmarks.large_registry import multiply
    from benchmarks.loading import without_indexes
    from benchmarks.registry import fill_achievements
    from demands.models import Demand
    from matching.models import SimilarAchievement
    from taxonomy.models import Industry

    fill_achievements(texts)
    industries = list(Industry.objects.all())
    firms = Organisation.objects.bulk_create(Organisation(kind="firm", name=f"示例企业{n}") for n in range(texts // 10))
    summaries = Achievement.objects.order_by("pk").values_list("summary", flat=True)[: texts // 5]
    now = "2026-11-20T08:00:00Z"
    Demand.objects.bulk_create(
        Demand(
            title=f"{text[40:60]}{n}", problem=text, firm=firms[n % len(firms)],
            industry=industries[n % len(industries)], kind=Demand.Kind.values[0], is_anonymous=False,
            status=Demand.Status.PUBLISHED, published_at=now,
        )
        for n, text in enumerate(summaries)
    )  # fmt: skip
    with without_indexes(Achievement, Demand):
        multiply(Achievement, number)
        multiply(Demand, number // 5)
    first = Achievement.objects.order_by("pk")[0].pk
    IntellectualProperty.objects.create(achievement_id=first, kind="invention")
    multiply(IntellectualProperty, number, achievement_id=f"{first} - 1 + n")
    SimilarAchievement.objects.create(item_id=first, other_id=first + 1, place=1, score=50, made_at=now)
    others = {
        "item_id": f"{first} + (n - 1) / 4",
        "place": "1 + mod(n - 1, 4)",
        "other_id": f"{first} + mod(n * 7, {number})",
    }
    multiply(SimilarAchievement, number * 4, **others)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    words = {text[at : at + 2] for text in summaries[:200] for at in (3, 30, 70) if "，" not in text[at : at + 2]}
    ids = list(Achievement.objects.order_by("pk").values_list("public_id", flat=True))
    queries = ["", *(f"?industry={industry.slug}" for industry in industries), "?sort=price", "?sort=maturity"]
    queries += [f"?page={page}" for page in range(2, 21)]
    api = ["", *(f"?page={page}" for page in range(2, min(50, number // 20) + 1))]
    return {
        "bare": ["/bare/"],
        "home": ["/"],
        "list": [f"/achievements/{query}" for query in queries],
        "search": [f"/search/?q={quote(word)}" for word in sorted(words)],
        "detail": [f"/achievements/{public_id}/" for public_id in ids],
        "api": [f"/api/v1/achievements/{query}" for query in api],
    }


@dataclass
class Choice:
    """Addresses drawn by Zipf's law: the second half as often as the first, the third a third."""

    addresses: list[str]
    sums: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.sums = list(itertools.accumulate(1 / rank for rank in range(1, len(self.addresses) + 1)))

    def draw(self, source: random.Random) -> str:
        return source.choices(self.addresses, cum_weights=self.sums)[0]


# --- The site --------------------------------------------------------------------------------------------------------
class Site:
    """gunicorn with the words of the Dockerfile, until it answers."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.port, self.variables = free_port(), variables

    def __enter__(self) -> "Site":
        words = [
            "-c",
            "python:dalian_techtransfer.web_workers",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "3",
            "--threads",
            "4",
            "--preload",
        ]
        words += ["--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--log-level", "warning"]
        command = [sys.executable, "-m", "gunicorn", "benchmarks.pages:application()", *words]
        self.process = subprocess.Popen(
            command, cwd=environment.CHECKOUT, env=os.environ | {"LOG_LEVEL": "ERROR"} | self.variables
        )
        in_a_row = 0
        while in_a_row < 60:  # each process has answered
            if self.process.poll() is not None:
                sys.exit("gunicorn has ended")
            try:
                Visitor(self.port, 0).ask("/ready/")
                in_a_row += 1
            except (OSError, RuntimeError):
                in_a_row = 0
                time.sleep(1)
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()  # its workers notice it and end
            self.process.wait()

    def web_seconds(self) -> float:
        return sum(map(processor_seconds, [self.process.pid, *children_of(self.process.pid)]))


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processor_seconds(pid: int) -> float:
    """User and system time; 0 for a process that has ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / TICKS


class DatabaseTime:
    """The processor time of the sessions of this database that others opened. Sessions that end meanwhile count."""

    def __init__(self) -> None:
        self.first: dict[int, float] = {}
        self.last: dict[int, float] = {}
        self.sample()
        self.first = dict(self.last)

    def sample(self) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            for (pid,) in cursor.fetchall():
                self.last[pid] = max(self.last.get(pid, 0.0), processor_seconds(pid))

    def seconds(self) -> float:
        self.sample()
        return sum(last - self.first.get(pid, 0.0) for pid, last in self.last.items())


# --- Visitors --------------------------------------------------------------------------------------------------------
class Visitor:
    """A browser without cookies behind the proxy of the installation."""

    def __init__(self, port: int, number: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.source = random.Random(number)

    def ask(self, path: str) -> None:
        number = self.source.randrange(ADDRESSES)
        headers = {
            "Accept-Encoding": "gzip",
            "User-Agent": "Mozilla/5.0",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"10.0.{number // 250}.{number % 250}",
        }
        try:
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # gunicorn ends idle connections
            self.connection.close()
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")


def cpu_by_page(site: Site, addresses: dict[str, list[str]], requests: int) -> dict:
    """Four visitors of one page at a time: milliseconds of processor per request."""
    pages: dict[str, dict] = {}
    for page in MEASURED:
        run(site, {page: addresses[page]}, 4, requests=requests // 8)
        database, web = DatabaseTime(), site.web_seconds()
        run(site, {page: addresses[page]}, 4, requests=requests // 4, database=database)
        pages[page] = {
            "web_ms": round((site.web_seconds() - web) / requests * 1000, 2),
            "database_ms": round(database.seconds() / requests * 1000, 2),
        }
        bare = sum(pages["bare"][key] for key in ("web_ms", "database_ms"))
        pages[page]["ratio"] = round((pages[page]["web_ms"] + pages[page]["database_ms"]) / bare, 1)
    return {"pages": pages}


def visit(site: Site, addresses: dict[str, list[str]], visitors: int, seconds: int) -> dict:
    database, web = DatabaseTime(), site.web_seconds()
    start = time.monotonic()
    took = run(site, {page: addresses[page] for page in FOUR}, visitors, seconds=seconds, database=database)
    elapsed = time.monotonic() - start
    requests = sum(map(len, took.values()))
    return {
        "visitors": visitors,
        "requests_a_second": round(requests / elapsed, 1),
        "web_ms": round((site.web_seconds() - web) / requests * 1000, 2),
        "database_ms": round(database.seconds() / requests * 1000, 2),
        "load": os.getloadavg()[0],
        "pages": {page: {"p50_ms": at(times, 0.5), "p95_ms": at(times, 0.95)} for page, times in took.items()},
    }


def at(times: list[float], share: float) -> int:
    return round(sorted(times)[int(len(times) * share)] * 1000)


def run(
    site: Site,
    addresses: dict[str, list[str]],
    visitors: int,
    *,
    seconds: float = math.inf,
    requests: int = sys.maxsize,
    database: DatabaseTime | None = None,
) -> dict[str, list[float]]:
    """Seconds of each request by page; each visitor asks for the pages in turn, for `seconds` or `requests` times."""
    until = time.monotonic() + seconds
    took: dict[str, list[float]] = defaultdict(list)
    choices = {page: Choice(rows) for page, rows in addresses.items()}
    failures: list[Exception] = []

    def work(number: int) -> None:
        visitor = Visitor(site.port, number)
        pages = itertools.cycle(choices)
        for _ in range(number % len(choices)):
            next(pages)
        try:
            for _ in range(requests):
                if time.monotonic() > until:
                    break
                page = next(pages)
                path = choices[page].draw(visitor.source)
                start = time.monotonic()
                visitor.ask(path)
                took[page].append(time.monotonic() - start)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=partial(work, number)) for number in range(visitors)]
    for thread in threads:
        thread.start()
    while database and any(thread.is_alive() for thread in threads):
        time.sleep(0.5)
        database.sample()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return took


# --- The batch -------------------------------------------------------------------------------------------------------
class batch:  # used as a function
    """Two processes that match 2,000 texts with 2,000 without pause."""

    def __enter__(self) -> None:
        code = "from benchmarks.pages import match; match()"
        self.processes = [
            subprocess.Popen([sys.executable, "-c", code], cwd=environment.CHECKOUT) for _worker in range(2)
        ]
        time.sleep(10)

    def __exit__(self, *_error: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


def match() -> None:
    import django

    django.setup()
    from django.conf import settings

    from achievements.models import Achievement
    from matching.engine import build
    from matching.items import achievement_items

    os.nice(settings.WORKER_NICENESS)
    while True:
        items = list(achievement_items(Achievement.objects.available().order_by("pk")[:2000]))
        build(items, items, engine=settings.MATCH_ENGINE)


if __name__ == "__main__":
    main()
