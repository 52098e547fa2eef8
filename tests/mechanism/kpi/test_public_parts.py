"""Parts of the public turnover: neither a part, nor the rest, nor a difference of published sums tells a firm's sum."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from deals.models import FigureEffect
from mechanism.closing.differences import find_differences
from mechanism.closing.publication import report_of
from mechanism.kpi.definitions import PLATFORM, RELATED, UNPAID
from mechanism.kpi.disclosure_control import ContractEntry, PublishedContracts
from mechanism.kpi.public_parts import PartEntry, public_parts
from mechanism.services.closing import Reasons
from tests.browser_client import readable
from tests.mechanism.closing.closed_city import DECEMBER, YEAR, build_city, close


def entries(number: int = 20) -> list[ContractEntry]:
    return [ContractEntry(n, Decimal(1000), f"企业{n}", frozenset({f"企业{n}"})) for n in range(number)]


def texts(*, platform=(), related=(), paid=(), published=()) -> dict[str, str]:
    rows = [
        PartEntry(
            entry,
            frozenset(key for key, ids in ((PLATFORM, platform), (RELATED, related)) if entry.pk in ids),
            Decimal(0) if entry.pk in paid else entry.amount,
        )
        for entry in entries()
    ]
    sums = [frozenset(ids) for ids in published]
    return {part.key: part.text for part in public_parts(rows, PublishedContracts(entries()), sums)}


def test_safe_parts_are_published_and_a_part_without_rows_is_zero():
    assert texts(platform=range(6), paid=range(5)) == {PLATFORM: "0.6", UNPAID: "1.5", RELATED: "0"}


@pytest.mark.parametrize(
    ("what", "hidden"),
    [
        ({"platform": range(3)}, PLATFORM),
        ({"platform": range(17)}, PLATFORM),
        ({"related": range(1)}, RELATED),
        ({"paid": range(2)}, UNPAID),
        ({"paid": range(18)}, UNPAID),
        ({"platform": range(6), "related": range(8)}, PLATFORM),
        ({"platform": range(6), "published": [range(8)]}, PLATFORM),
        ({"platform": range(8), "published": [range(2, 8)]}, PLATFORM),
    ],
)
def test_a_part_is_hidden_if_itself_its_rest_or_a_difference_is_unsafe(what, hidden):
    assert texts(**what)[hidden] == ""


@pytest.fixture(scope="module")
def closed(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        for contract in city.contracts[:6]:
            FigureEffect.objects.create(contract=contract, effect="related")
        city.november = close(city, f"{YEAR}-11")
        yield city
        transaction.set_rollback(True)


def related(version) -> tuple[str, str]:
    part = next(part for part in report_of(version).parts if part.key == RELATED)
    return part.text, part.note


@pytest.mark.long
def test_a_month_that_adds_one_firm_keeps_the_published_part(closed, db, client):
    assert related(closed.november) == ("0.62", "")
    FigureEffect.objects.create(contract=closed.contracts[6], effect="related")  # 0.11 亿元, one firm
    reasons = Reasons(rest="市科技局核查", digest=find_differences(closed.november).digest)
    december = close(closed, DECEMBER, reasons=reasons)
    text, note = related(december)
    assert text == "0.62"
    assert "沿用" in note
    page = readable(client.get(reverse("public_figures"), {"year": str(YEAR)}))
    assert "其中关联 0.62 亿元" in page
    assert "0.73" not in page
