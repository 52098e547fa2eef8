"""A registry full of invented achievements, for benchmarks of what reads it."""

import random
from datetime import timedelta
from itertools import batched

from benchmarks.texts import texts


def fill_achievements(number: int, bodies: list[str] | None = None) -> None:
    """Write `number` published achievements of forty institutions; their summaries are `bodies`, over and over.

    Without `bodies` each has a text of its own of about 240 characters.
    """
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Organisation
    from achievements.models import Achievement
    from benchmarks.large_registry import without_text_indexes
    from taxonomy.models import Industry, TransferWay

    source = random.Random(5)
    institutions = Organisation.objects.bulk_create(
        [Organisation(kind="institution", name=f"示例大学{n}") for n in range(40)]
    )
    industries = list(Industry.objects.all())
    now = timezone.now()
    summaries = iter(texts(number, length=240)) if bodies is None else (bodies[n % len(bodies)] for n in range(number))

    def row(n: int, summary: str) -> Achievement:
        level = source.choice([None, *range(1, 10)])
        price = source.choice([None, None, 20, 80, 300, 1500])
        return Achievement(
            title=f"{summary[:20].strip()}{n}",
            institution=source.choice(institutions),
            industry=source.choice(industries),
            lead_person="示例",
            form=source.choice(Achievement.Form.values),
            stage=source.choice(Achievement.Stage.values),
            keywords=[summary[at : at + 4] for at in (30, 60, 90)],
            summary=summary,
            innovation=summary,
            maturity_level=level,
            maturity_bucket=source.choice(["concept", "lab", "pilot", "industrial"]) if level else "",
            transfer_ways=source.sample(TransferWay.values, k=2),
            price_min_wan=price,
            price_negotiable=price is None,
            pay_later=source.random() < 0.2,
            non_secret_confirmed=True,
            status=Achievement.Status.REGISTERED,
            registry_number=f"B-{n}",
            registered_at=now,
            published_at=now - timedelta(minutes=n),
            expires_on=(now + timedelta(days=365)).date(),
        )

    with without_text_indexes(Achievement):
        for some in batched(enumerate(summaries), 2000):
            Achievement.objects.bulk_create([row(n, summary) for n, summary in some])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
