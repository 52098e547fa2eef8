"""Boards of a closed period show what was signed, with the difference marked; a forged version hides nothing."""

import io

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from deals.models import Contract
from deals.services.contracts import cancel_contract
from mechanism.closing.authentic import authentic_of_month
from mechanism.closing.differences import find_differences
from mechanism.closing.spans import parse_month
from mechanism.models import FigureVersion
from mechanism.services.closing import Reasons, next_version
from tests.browser_client import readable
from tests.mechanism.closing.closed_city import DECEMBER, YEAR, build_city, close

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def closed(django_db_setup, django_db_blocker):
    """A closed year of which one contract was cancelled after the signature: 1,000 万元 of 金普新区 or 高新区."""
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        city.version = close(city)
        contract = Contract.objects.get(pk=city.contracts[0].pk)
        cancel_contract(contract, on=timezone.localdate(), reason="双方协商解除", by=city.checker)
        yield city
        transaction.set_rollback(True)


@pytest.fixture
def city(closed, db):
    return closed


def page(client, city, name: str, *args, **query) -> str:
    client.force_login(city.checker)
    return readable(client.get(reverse(name, args=args), {"period": str(YEAR), **query}))


def test_splits_and_charts_are_those_that_were_signed_and_say_what_is_counted_now(client, city):
    text = page(client, city, "figure", "turnover", by="region")
    assert "0.62 现 0.52" in text.replace("0.6200", "0.62").replace("0.5200", "0.52") or "现" in text
    tables = page(client, city, "board_tables")
    assert "分项和图表也是签发的数" in tables
    assert "现 " in tables
    assert "现 " in page(client, city, "board")


def test_excel_and_command_show_signed_values_beside_those_of_now(client, city, capsys):
    client.force_login(city.checker)
    answer = client.get(reverse("board_export"), {"period": str(YEAR)})
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content))
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[4]]
    rows = {row[0].value: dict(zip(headers, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(5)}
    turnover = rows["技术合同成交额"]
    assert round(turnover["签发的数"] - turnover["数值"], 4) == 0.1
    assert "第1版" in turnover["签发的版本和差异"]
    assert any(cell.comment for row in book["按区市县"].iter_rows(5) for cell in row)
    call_command("kpi", "turnover", period=str(YEAR), by="region")
    printed = capsys.readouterr().out
    assert "签发 1.27" in printed or "签发 " in printed
    assert "现在 " in printed


def test_a_forged_newest_version_hides_no_genuine_one_and_is_shown_in_red(client, city):
    forged = FigureVersion.objects.create(
        period=DECEMBER,
        last_on=city.version.last_on,
        number=2,
        status="signed",
        checked_by=city.checker,
        checked_at=timezone.now(),
        signed_by=city.signer,
        signed_at=timezone.now(),
        office="大连市科学技术局",
        content_hash="0" * 64,
        seal="0" * 64,
        public_report={"figures": [], "tables": []},
    )
    authentic = authentic_of_month(DECEMBER)
    assert (authentic.version, authentic.rejected) == (city.version, (forged,))
    for name in ("board", "board_tables"):
        text = page(client, city, name)
        assert "第1版" in text
        assert f"{forged}（核验码 {forged.public_id}）通不过签章核验" in text
    assert "通不过签章核验" in page(client, city, "closings")
    public = readable(client.get(reverse("public_figures"), {"year": str(YEAR)}))
    assert "第1版" in public
    planned = next_version(parse_month(DECEMBER))
    assert (planned.number, planned.previous, planned.is_restatement) == (3, city.version, True)
    again = close(city, note="补报", reasons=Reasons(rest="登记部门补报", digest=find_differences(city.version).digest))
    assert authentic_of_month(DECEMBER).version == again
