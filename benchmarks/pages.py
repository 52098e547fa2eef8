"""Public pages with 100,000 achievements and fifty visitors: `python -m benchmarks.pages [--number N] [--seconds S]`.

One JSON line per leg, through gunicorn as the image starts it (3 processes of 4 threads), PostgreSQL and Redis:

visitors, cold  fifty visitors without pause over home, list, search and detail, from the first request on: requests a
                second, p50 and p95 by page, and `kept`, the share that a copy answered
visitors        the same after `--warm S` seconds (180) of them: as a site is that has been visited for a while
visitors, batch the same beside two processes that match without pause, as nice as the worker's (WORKER_NICENESS)
cpu, kept       milliseconds of processor per request, web and database, and the ratio to a bare Django view of the
                same run, by page: as visitors find the pages then
cpu, rendered   the same without copies (PUBLIC_COPY_SECONDS=0): what the first reader of each page costs

Addresses are drawn by Zipf's law from all of them: 100,000 pages of achievements, and as many words, lists and pages
of lists as `fill` names. No two legs draw the same sequence.

`--texts N` writes so many different texts (5,000), the rest are copies with other titles and dates. Begins when each
process has its indexes: at 100,000 minutes. `--requests N` of each page are measured (600) by processor time.
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

from benchmarks import environment
from benchmarks.page_rows import fill
from benchmarks.review_desk import free_port

FOUR = ("home", "list", "search", "detail")
MEASURED = ("bare", *FOUR, "api")
TICKS = os.sysconf("SC_CLK_TCK")
LEGS = itertools.count()
type Answer = tuple[float, bool]
"""Seconds, and whether a copy answered."""
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
    parser.add_argument("--warm", type=int, default=180)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--requests", type=int, default=600)
    options = parser.parse_args()
    os.environ |= {"SECURE_COOKIES": "False", "BEHIND_TLS_PROXY": "True"}
    with environment.database():
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1"
        addresses = fill(options.number, min(options.texts, options.number))
        with Site({"PUBLIC_COPY_SECONDS": "300"}) as site:
            show("visitors, cold", options.number, visit(site, addresses, options.visitors, options.seconds))
            visit(site, addresses, options.visitors, options.warm)
            show("visitors", options.number, visit(site, addresses, options.visitors, options.seconds))
            show("cpu, kept", options.number, cpu_by_page(site, addresses, options.requests))
            with batch():
                show("visitors, batch", options.number, visit(site, addresses, options.visitors, options.seconds))
        with Site({"PUBLIC_COPY_SECONDS": "0"}) as site:
            show("cpu, rendered", options.number, cpu_by_page(site, addresses, options.requests))


def show(leg: str, number: int, measured: dict) -> None:
    print(json.dumps({"benchmark": "pages", "leg": leg, "achievements": number, **measured}), flush=True)


# --- Addresses -------------------------------------------------------------------------------------------------------
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
                Visitor(self.port, random.Random(0)).ask("/ready/")
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

    def __init__(self, port: int, source: random.Random) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.source = source

    def ask(self, path: str) -> bool:
        """Whether the answer was kept."""
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
        return "; hit" in (answer.headers["Cache-Status"] or "")


def cpu_by_page(site: Site, addresses: dict[str, list[str]], requests: int) -> dict:
    """Four visitors of one page at a time: milliseconds of processor per request."""
    pages: dict[str, dict] = {}
    for page in MEASURED:
        run(site, {page: addresses[page]}, 4, requests=10)  # imports, connections
        database, web = DatabaseTime(), site.web_seconds()
        took = run(site, {page: addresses[page]}, 4, requests=requests // 4, database=database)
        pages[page] = {
            "kept": kept_share(took[page]),
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
        "p95_ms": at([answer for answers in took.values() for answer in answers], 0.95),
        "pages": {
            page: {"p50_ms": at(answers, 0.5), "p95_ms": at(answers, 0.95), "kept": kept_share(answers)}
            for page, answers in took.items()
        },
    }


def at(answers: list[Answer], share: float) -> int:
    return round(sorted(seconds for seconds, _is_kept in answers)[int(len(answers) * share)] * 1000)


def kept_share(answers: list[Answer]) -> float:
    return round(sum(is_kept for _seconds, is_kept in answers) / len(answers), 2)


def run(
    site: Site,
    addresses: dict[str, list[str]],
    visitors: int,
    *,
    seconds: float = math.inf,
    requests: int = sys.maxsize,
    database: DatabaseTime | None = None,
) -> dict[str, list[Answer]]:
    """The answers by page; each visitor asks for the pages in turn, for `seconds` or `requests` times."""
    until = time.monotonic() + seconds
    took: dict[str, list[Answer]] = defaultdict(list)
    leg = next(LEGS)
    choices = {page: Choice(rows) for page, rows in addresses.items()}
    failures: list[Exception] = []

    def work(number: int) -> None:
        visitor = Visitor(site.port, random.Random(f"{leg} {number}"))
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
                is_kept = visitor.ask(path)
                took[page].append((time.monotonic() - start, is_kept))
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
