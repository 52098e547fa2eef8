"""Rows of a large city for `benchmarks.pages`, and the addresses of its public pages."""

from urllib.parse import quote


def fill(number: int, texts: int) -> dict[str, list[str]]:
    """Achievements, a fifth as many demands with their firms; the addresses of each kind, the most visited first."""
    from django.db import connection

    from accounts.models import Organisation
    from achievements.models import Achievement, Completer, Indicator, IntellectualProperty
    from benchmarks.large_registry import multiply
    from benchmarks.loading import without_indexes
    from benchmarks.registry import fill_achievements
    from demands.models import Demand
    from matching.models import SimilarAchievement
    from taxonomy.models import Comparison, Industry

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
    details = {"achievement_id": f"{first} + (n - 1) / 2"}
    Indicator.objects.create(
        achievement_id=first,
        name="能耗",
        comparison=Comparison.AT_MOST,
        value="40",
        unit="kWh",
        today="60 kWh",
        basis="用户报告",
    )
    multiply(Indicator, number * 2, **details)
    Completer.objects.create(achievement_id=first, name="示例", unit="示例学院")
    multiply(Completer, number * 2, **details)
    fill_what_pages_have_in_common(industries)
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


def fill_what_pages_have_in_common(industries: list) -> None:
    """Twelve policies with two conditions each, a pilot base for each industry."""
    from django.utils import timezone

    from mechanism.models import Base, Policy, PolicyCondition

    now = timezone.now()
    for number in range(12):
        policy = Policy.objects.create(
            title=f"示例政策{number}", source="公开报道", summary="给予支持。", valid_from=now.date(), published_at=now
        )
        conditions = (("rights", "in", "发明专利"), ("funds_needed", "ge", "100"))
        PolicyCondition.objects.bulk_create(
            PolicyCondition(
                policy=policy, subject="achievement", field=name, operator=operator, value=value, words=name
            )
            for name, operator, value in conditions
        )
    for industry in industries:
        base = Base.objects.create(name=f"{industry.name}中试基地", kind="pilot", takes=["lab", "pilot"])
        base.fields.add(industry)
