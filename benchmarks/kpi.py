"""The city's figures at 50,000 contracts: `python -m benchmarks.kpi [--contracts N] [--grow]`.

One JSON line for each size (5,000, 50,000 and 200,000 with `--grow`), in milliseconds, median and p95 of 20: `figure`,
the turnover of a year with its gaps and parts; `rate`, the local rate; `split`, the turnover by district, industry,
institution with its parts; through handler and middleware `board`, the page of the city, `district`, `tasks`, the nine
tasks, and `public`, and their numbers of questions. `cpu` is processor time of this process, `db` that of the process
of the database (0 where the benchmark cannot read it) and `sql` time waited for it, all medians, which a busy machine
changes less than the clock. `changed` repeats the pages while a contract changes before each request: else they read
what the first request has counted.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median, quantiles

from benchmarks import environment
from benchmarks.review_overview import _signed_in, people

TIMES = 20
YEARS = 5
CORRECTION = """
WITH chosen AS (
    SELECT id FROM deals_contract WHERE registered_on >= %s ORDER BY registered_on, id OFFSET %s * 37 LIMIT 1
)
UPDATE deals_contract AS contract SET amount_wan = amount_wan + 1 FROM chosen
WHERE contract.id = chosen.id
"""
"""A contract of this year gets another amount, each time another one; every tenth has a deal."""


def fill(number: int) -> None:
    """Contracts of five years: nine in ten of nobody on the platform, one of an institution; a tenth with a deal."""
    from django.db import connection
    from django.db.models import F
    from django.utils import timezone

    from accounts.models import Organisation, Region
    from deals.models import Contract, Deal
    from taxonomy.models import Industry

    source, today = random.Random(7), timezone.localdate()
    regions, industries = list(Region.objects.reporting()), list(Industry.objects.all())
    names = [f"示例大学{n}" for n in range(9)]
    if not Organisation.objects.filter(name=names[0]).exists():
        Organisation.objects.bulk_create(
            Organisation(name=name, kind="institution", stat_region=regions[n]) for n, name in enumerate(names)
        )
    offices = list(Organisation.objects.filter(name__in=names))
    done = Contract.objects.count()
    begun = (Deal(origin="outside", name=f"项目{n}", stage="registered") for n in range((number - done) // 10))
    deals = Deal.objects.bulk_create(begun, batch_size=5000)
    last = 365 * YEARS - 40

    def contract(n: int) -> Contract:
        office = source.choice(offices) if n % 10 == 0 else None
        amount = Decimal(source.randint(10, 90_000))
        return Contract(
            name=f"技术合同{n}", number=f"{2026210200000000 + n}", kind="development", status="registered",
            deal=source.choice(deals) if n % 10 == 1 and deals else None,
            seller=office, seller_name=office.name if office else f"卖方{n % 900}",
            seller_region=source.choice(regions), is_seller_local=True, buyer_name=f"买方{n % 4000}",
            buyer_region=source.choice(regions), is_buyer_local=source.random() < 0.6,
            industry=source.choice(industries), amount_wan=amount, tech_amount_wan=amount * Decimal("0.8"),
            registered_on=date(today.year - YEARS + 1, 1, 1) + timedelta(days=source.randrange(last)),
        )  # fmt: skip

    Contract.objects.bulk_create(map(contract, range(done, number)), batch_size=5000)
    Contract.objects.filter(official_hash="").update(official_hash=F("list_hash"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as the database does by itself within minutes


def measure() -> dict:
    from django.test import Client
    from django.urls import reverse

    from mechanism.kpi.counting import count_figure, split_figure
    from mechanism.kpi.period import parse_period
    from mechanism.kpi.query_scope import FigureScope
    from mechanism.kpi.registry import FIGURES

    city, district = _signed_in(Client(), "officer"), _signed_in(Client(), "head")
    scope, turnover = FigureScope(parse_period("")), FIGURES["turnover"]
    asked = {
        "figure": lambda: count_figure(turnover, scope),
        "rate": lambda: count_figure(FIGURES["local_rate"], scope),
        "split": lambda: [split_figure(turnover, scope, by) for by in ("region", "industry", "institution")],
        "board": lambda: city.get(reverse("board")),
        "district": lambda: district.get(reverse("board")),
        "tasks": lambda: city.get(reverse("admin:mechanism_board")),
        "public": lambda: Client().get(reverse("public_figures")),
    }
    pages = ("board", "district", "tasks", "public")
    changing = {name: _after_a_change(asked[name]) for name in pages}
    return {**_measured(asked), "changed": _measured(changing)}


def _after_a_change(page: Callable[[], object]) -> Callable[[], object]:
    from django.db import connection
    from django.utils import timezone

    turn = count()

    def query() -> object:
        with connection.cursor() as cursor:
            cursor.execute(CORRECTION, (timezone.localdate().replace(month=1, day=1), next(turn)))
        return page()

    return query


def _database_seconds() -> float:
    """Processor time of the process that serves this connection, if it runs on this machine."""
    from django.db import connection

    try:
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def _measured(asked: dict[str, Callable[[], object]]) -> dict:
    from django.core.cache import caches
    from django.db import connection

    measured = {}
    for name, query in asked.items():
        waits: list[float] = []

        def waiting(execute, *rest, waits=waits):
            start = time.perf_counter()
            try:
                return execute(*rest)
            finally:
                waits.append((time.perf_counter() - start) * 1000)

        query()
        took, processor, sql, database = [], [], [], _database_seconds()
        with connection.execute_wrapper(waiting):
            for _ in range(TIMES):
                caches["process"].clear()
                waits.clear()
                start, busy = time.perf_counter(), time.process_time()
                query()
                took.append((time.perf_counter() - start) * 1000)
                processor.append((time.process_time() - busy) * 1000)
                sql.append(sum(waits))
        p95 = round(quantiles(took, n=20)[-1])
        numbers = {"ms": median(took), "p95": p95, "cpu": median(processor), "sql": median(sql), "queries": len(waits)}
        numbers["db"] = (_database_seconds() - database) * 1000 / TIMES
        measured[name] = {key: round(number) for key, number in numbers.items()}
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contracts", type=int, default=50_000)
    parser.add_argument("--grow", action="store_true")
    options = parser.parse_args()
    with environment.database():
        people()
        for number in (5_000, 50_000, 200_000) if options.grow else (options.contracts,):
            fill(number)
            print(json.dumps({"contracts": number, **measure()}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
