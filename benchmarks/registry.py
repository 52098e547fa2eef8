"""A registry full of invented achievements and needs, for benchmarks of what reads it."""

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice, repeat
from typing import Any

from benchmarks.texts import texts


def fill_achievements(number: int, bodies: Iterable[str] | None = None, *, searchable: bool = True) -> None:
    """Write `number` published achievements of forty institutions; their summaries are `bodies`, over and over.

    Without `bodies` each has a text of its own of about 240 characters. `searchable`: with the indexes of their words,
    which take longer than all else.
    """
    from django.db import connection

    from accounts.models import Organisation
    from achievements.models import Achievement
    from benchmarks.loading import load, without_indexes

    institutions = Organisation.objects.bulk_create(
        [Organisation(kind="institution", name=f"示例大学{n}") for n in range(40)]
    )
    summaries = texts(number, length=240) if bodies is None else islice(chain.from_iterable(repeat(bodies)), number)
    with without_indexes(Achievement, searchable=searchable):
        load(Achievement, _achievements(number, summaries, [institution.pk for institution in institutions]))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def fill_demands(number: int, *, searchable: bool = True) -> None:
    """Write `number` published demands of forty firms."""
    from accounts.models import Organisation, Region
    from benchmarks.loading import load, without_indexes
    from demands.models import Demand

    regions = list(Region.objects.reporting())
    firms = Organisation.objects.bulk_create(
        Organisation(kind="firm", name=f"示例制造{n}有限公司", stat_region=regions[n % len(regions)]) for n in range(40)
    )
    with without_indexes(Demand, searchable=searchable):
        load(Demand, _demands(number, [firm.pk for firm in firms]))


def _achievements(number: int, summaries: Iterator[str], institutions: list[int]) -> Iterator[dict[str, Any]]:
    from django.utils import timezone

    from achievements.models import Achievement
    from benchmarks.loading import public_id
    from taxonomy.models import Industry, TransferWay

    source = random.Random(5)
    industries = [industry.pk for industry in Industry.objects.all()]
    forms, stages, ways = Achievement.Form.values, Achievement.Stage.values, TransferWay.values
    now = timezone.now()
    for n, summary in enumerate(summaries):
        level = source.choice([None, *range(1, 10)])
        price = source.choice([None, None, 20, 80, 300, 1500])
        yield {
            "public_id": public_id(n),
            "title": f"{summary[:20].strip()}{n}",
            "institution_id": source.choice(institutions),
            "industry_id": source.choice(industries),
            "lead_person": "示例",
            "form": source.choice(forms),
            "stage": source.choice(stages),
            "keywords": [summary[at : at + 4] for at in (30, 60, 90)],
            "summary": summary,
            "innovation": summary,
            "maturity_level": level,
            "maturity_bucket": source.choice(["concept", "lab", "pilot", "industrial"]) if level else "",
            "transfer_ways": source.sample(ways, k=2),
            "price_min_wan": price,
            "price_negotiable": price is None,
            "pay_later": source.random() < 0.2,
            "non_secret_confirmed": True,
            "status": Achievement.Status.REGISTERED.value,
            "registry_number": f"B-{n}",
            "registered_at": now,
            "published_at": now - timedelta(minutes=n),
            "expires_on": str((now + timedelta(days=365)).date()),
            "updated_at": now - timedelta(microseconds=number - n),  # in the order of the rows, as if they were saved
        }


def _demands(number: int, firms: list[int]) -> Iterator[dict[str, Any]]:
    from django.utils import timezone

    from benchmarks.loading import public_id
    from demands.models import Demand

    now = timezone.now()
    for n, text in enumerate(texts(number, length=150, seed=9)):
        yield {
            "public_id": public_id(n),
            "title": f"{text[:18]}{n}",
            "problem": text,
            "firm_id": firms[n % len(firms)],
            "kind": Demand.Kind.PROBLEM.value,
            "status": Demand.Status.PUBLISHED.value,
            "published_at": now,
            "updated_at": now - timedelta(microseconds=number - n),
        }
