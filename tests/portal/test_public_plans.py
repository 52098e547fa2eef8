"""No public page reads a large table from end to end: the plans of its statements with 40,000 achievements."""

import re

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from achievements.models import Achievement, IntellectualProperty
from benchmarks.large_registry import multiply
from benchmarks.loading import without_indexes
from brokers.models import Agency, Broker
from demands.models import Demand
from portal.search.index import SEARCH_INDEX
from taxonomy.models import Industry
from tests import factories as make
from tests.challenges import calls
from tests.kept_rows import kept_rows
from tests.planner_statistics import analyze_tables

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ACHIEVEMENTS, DEMANDS, ORGANISATIONS, BROKERS, AGENCIES = 100_000, 20_000, 20_000, 20_000, 10_000
MOST_SORTED = 2000
LARGE = (
    *("achievements_achievement", "demands_demand", "achievements_intellectualproperty"),
    *("accounts_organisation", "brokers_broker", "brokers_agency"),
)
READS_ALL = re.compile(rf"Seq Scan on ({'|'.join(LARGE)})\b")
READ_AS_A_WHOLE = {
    ("/sitemap.xml", "demands_demand"),
}
"""The sitemap names up to 24,000 demands, more than there are here: an index would only make that slower."""
SORTS_ALL = re.compile(r"(?<!Incremental )Sort  \(cost=[\d.]+\.\.[\d.]+ rows=(\d+)")


@pytest.fixture(scope="module")
def _no_counts_afterwards():
    yield
    caches["process"].clear()


@pytest.fixture(scope="module")
def pages(django_db_setup, django_db_blocker, _no_counts_afterwards):
    """Addresses of public pages, in a city of many rows."""
    with kept_rows(django_db_blocker):
        institutions = [make.institution(f"示例大学{number}") for number in range(20)]
        industries = list(Industry.objects.all()[:3])
        for number, institution in enumerate(institutions):
            row = make.achievement(
                institution=institution,
                industry=industries[number % 3],
                title=f"成果{number}",
                summary=f"涂层{number}",
                maturity_bucket=("concept", "lab", "pilot", "industrial", "")[number % 5],
                price_min_wan=number or None,
            )
            IntellectualProperty.objects.create(achievement=row, kind="invention")
        firm = make.firm()
        demands = [
            make.demand(firm=firm, title=f"需求{number}", budget_max_wan=number + 1, is_anonymous=False)
            for number in range(20)
        ]
        make.broker(name="经纪人")
        make.agency("示例转移中心")
        with without_indexes(Achievement, Demand, IntellectualProperty, Organisation, Agency, Broker):
            multiply(Achievement, ACHIEVEMENTS)
            multiply(Demand, DEMANDS)
            first = Achievement.objects.order_by("pk")[0].pk
            multiply(IntellectualProperty, ACHIEVEMENTS, achievement_id=f"{first} - 1 + n")
            multiply(Organisation, ORGANISATIONS, kind="'firm'", name="'示例企业' || n", credit_code="''")
            newest = Organisation.objects.order_by("-pk")[0].pk
            number = ORGANISATIONS + AGENCIES
            multiply(Organisation, number, kind="'agency'", name="'示例转移中心' || n", credit_code="''")
            multiply(Agency, AGENCIES, organisation_id=f"{newest} - 1 + n")
            multiply(Broker, BROKERS, name="'经纪人' || n", certificate_number="'C-' || n", user_id="NULL")
        calls.published(calls.city())
        analyze_tables()
        achievement = Achievement.objects.order_by("pk")[ACHIEVEMENTS // 2]
        yield [
            "/",
            *(f"/achievements/{query}" for query in (
                "", "?page=2", "?sort=maturity", "?sort=price", "?industry=materials",
                f"?institution={institutions[3].public_id}",
            )),
            *(f"/demands/{query}" for query in ("", "?sort=budget", "?page=3")),
            f"/achievements/{achievement.public_id}/",
            f"/demands/{demands[3].public_id}/",
            f"/institutions/{institutions[3].public_id}/",
            "/institutions/",
            "/industries/",
            "/industries/materials/",
            "/achievements/feed/",
            f"/achievements/feed/?institution={institutions[3].public_id}",
            "/demands/feed/",
            "/sitemap.xml",
            "/api/v1/achievements/",
            "/api/v1/demands/",
            f"/achievements/compare/?id={achievement.public_id}",
            "/achievements/?q=涂层17",
            "/search/?q=涂层17",
            *("/agencies/", "/agencies/brokers/", "/agencies/brokers/?page=40"),
            *("/agencies/?q=转移中心17", "/agencies/brokers/?q=经纪人17", "/api/v1/agencies/?q=转移中心17"),
            *("/challenges/", "/challenges/?show=ended"),
            "/api/v1/agencies/",
        ]  # fmt: skip


def statements(path: str, monkeypatch) -> list[str]:
    """What a page asks of the database where the process keeps counts of many rows and no search index."""
    monkeypatch.setattr(SEARCH_INDEX, "_ready_index", lambda: None)
    client = Client()
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    return [query["sql"] for query in queries if any(f'"{table}"' in query["sql"] for table in LARGE)]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def computes_pairs(plan: str) -> bool:
    """Whether what an index of pairs of characters contains is computed again for each row that it has returned: a
    fifth of a millisecond.
    """
    indexed = ("(applied_industry)::text])) @>", "summary])) @>")
    return any("Filter:" in line and text in line for line in plan.splitlines() for text in indexed)


def test_no_large_table_is_read_from_end_to_end_or_sorted(pages, monkeypatch):
    problems = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL join_collapse_limit = 8")  # as in production; `tests/conftest.py` lowers it
    for path in pages:
        for sql in statements(path, monkeypatch):
            if any(path == page and f'FROM "{table}"' in sql for page, table in READ_AS_A_WHOLE):
                continue
            plan = plan_of(sql)
            sorted_rows = max(map(int, SORTS_ALL.findall(plan)), default=0)
            if READS_ALL.search(plan) or sorted_rows > MOST_SORTED or computes_pairs(plan):
                problems.append(f"{path}\n{sql[:600]}\n{plan}")
    assert not problems, "\n\n".join(problems)
