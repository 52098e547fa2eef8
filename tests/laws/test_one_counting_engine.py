"""Only `mechanism.kpi` counts what is shown as a figure of the city. Other places have a reason here."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tests.laws.counting_uses import counting_uses

ROOT = Path(settings.BASE_DIR)

OUTSIDE = ("mechanism/kpi/", "tests/", "benchmarks/", "demo_city/", "portal/demo/")
ONE_ROW = "adds up one record's own rows on the page of this record"
POINTS = "points of an award by its own rule, up to its day; not a figure of the city"
PLATFORM_RECORD = "what one broker or agency brought about, on its own entry"
LIST = "本列表合计: what the list on the page shows, not a figure of the city"
ALLOWED = {
    "brokerage/commission_sums.py": (2, ONE_ROW),
    "deals/lists/sums.py": (6, LIST),
    "deals/models/income.py": (1, ONE_ROW),
    "deals/models/payment.py": (1, ONE_ROW),
    "deals/payment_presentation.py": (1, ONE_ROW),
    "deals/presentation.py": (2, ONE_ROW),
    "deals/service_record.py": (1, PLATFORM_RECORD),
    "deals/services/instalments.py": (1, ONE_ROW),
    "deals/services/payment_bounds.py": (1, ONE_ROW),
    "integrity/views/staff/cases.py": (1, LIST),
    "mechanism/closing/attention.py": (1, "contracts that wait for a decision of the staff, not a figure"),
    "mechanism/exports.py": (1, ONE_ROW),
    "mechanism/models/subsidy_application.py": (1, ONE_ROW),
    "mechanism/services/honours.py": (1, POINTS),
    "matching/readings/quality.py": (1, "adds up checked statements of readings, not amounts"),
    "portal/search/index.py": (1, "a checksum of the rows in the search index"),
}
"""{file: (number of places, reason)}."""


@pytest.mark.long
def test_no_second_engine_counts_figures():
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=ROOT, text=True)
    places = {}
    for name in listed.splitlines():
        if name.startswith(OUTSIDE) or "/migrations/" in name or not (ROOT / name).exists():
            continue
        if lines := counting_uses((ROOT / name).read_text("utf-8")):
            places[name] = lines
    unknown = {name: lines for name, lines in places.items() if len(lines) != ALLOWED.get(name, (0, ""))[0]}
    unused = set(ALLOWED) - set(places)
    assert not unknown, (
        f"These places count what mechanism.kpi counts: {unknown}. Declare a FigureDefinition and read it, so that two "
        "pages cannot show two numbers; or name the reason in ALLOWED."
    )
    assert not unused, f"No longer needed in ALLOWED: {unused}"


@pytest.mark.parametrize(
    "source",
    [
        'Contract.objects.turnover().aggregate(Sum("amount_wan"))',
        "def number():\n    rows = Contract.objects.turnover()\n    rows = rows.filter(pk=1)\n    return rows.count()",
        "total = lambda rows, field: rows.aggregate(total=Sum(field))",
        "rows.annotate(total=Coalesce(Sum(F('deal__payments__amount_wan')), 0))",
        "shown = sum(row.tech_amount_wan or 0 for row in rows)",
        "shown = len(Fund.objects.active())",
        'cursor.execute("SELECT sum(amount_wan) FROM deals_contract")',
    ],
)
def test_the_law_sees_a_second_engine(source):
    assert counting_uses(source)


@pytest.mark.parametrize(
    "source",
    ["Deal.objects.running().count()", 'Sum("times")', "len(rows)", "sum(range(3))", "Contract.objects.exists()"],
)
def test_the_law_leaves_lengths_of_lists(source):
    assert not counting_uses(source)
