"""Lists whose rows depend on each other are imported in parts: a list that is stopped ends as one that is not."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.services import source_files
from accounts.services.source_files import store_source_file
from deals.models import Contract
from deals.services.contract_imports import import_contracts
from deals.services.contracts import draft_contract
from notices.models import Notice
from portal import tasks
from portal.models import SheetCheck
from portal.sheet_progress import StoredProgress, cancel
from rounds.models import Attendee, Party
from tests import factories as make
from tests.browser_client import one_line
from tests.deals.contract_lists import numbered, workbook
from tests.deals.services.test_contract_imports import signed
from tests.rounds.test_guest_lists import guest, sheet

pytestmark = pytest.mark.django_db


def import_with_stops(check: SheetCheck, most: int = 20) -> int:
    """Import a sheet that is stopped after each part; returns how often it was begun, at most so often."""

    def stop_after_the_part(kept, *done):
        advance(kept, *done)
        cancel(check, by=check.asked_by)

    advance, runs = StoredProgress.advance, 0
    with pytest.MonkeyPatch.context() as stopped:
        stopped.setattr(StoredProgress, "advance", stop_after_the_part)
        while check.source_file.written_at is None and runs < most:
            SheetCheck.objects.update(status="writing")
            tasks.write_sheet(check.pk)
            check.source_file.refresh_from_db()
            runs += 1
    return runs


def stored_check(kind: str, content: bytes, by) -> SheetCheck:
    source_file = store_source_file(kind, content=content, name="名单.xlsx", by=by)
    return SheetCheck.objects.create(source_file=source_file, asked_by=by, status="writing", row_count=9)


def contracts() -> list[tuple]:
    fields = ("number", "status", "doubt", "deal", "seller", "buyer_name", "amount_wan", "signed_on", "source_row")
    return sorted(Contract.objects.values_list(*fields), key=str)


@pytest.mark.long
def test_a_contract_list_that_is_stopped_ends_as_one_written_at_once(monkeypatch):
    city, institution = make.city_officer(), make.institution()
    officer = make.institution_officer(institution)
    draft_contract(signed(city), by=city)
    by_hand = {"status": "registered", "signed_on": date(2026, 3, 1), "registered_on": date(2026, 3, 20)}
    Contract.objects.create(
        name="手工登记", number="手工 6", doubt="number", amount_wan=Decimal(106),
        seller_name="沈阳甲方6研究所", buyer_name="大连乙方6制造厂", **by_hand,
    )  # fmt: skip
    import_contracts(store_source_file("contracts", content=workbook(numbered(8)), name="一.xlsx", by=city), by=city)
    other = [{"登记编号": f"{2026210200500000 + number}"} for number in range(4)]
    rows = [
        {},  # registers the draft
        other[0],  # the same parties, amount and day as that
        numbered(5),
        numbered(5),  # the same row again
        numbered(6),  # corrects the contract that was entered by hand
        numbered(6) | other[1],
        numbered(8) | {"合同成交额（万元）": "208"},  # corrects an earlier list
        numbered(8) | {"合同成交额（万元）": "208"} | other[2],
        numbered(9) | {"卖方名称": institution.name, "卖方所在地": "高新区"} | other[3],
        *(numbered(n, 卖方名称=institution.name, 卖方所在地="高新区") for n in range(20, 25)),
    ]
    with transaction.atomic():
        result = import_contracts(
            store_source_file("contracts", content=workbook(*rows), name="二.xlsx", by=city), by=city
        )
        at_once = contracts(), sorted(Notice.objects.filter(recipient=officer).values_list("text", flat=True))
        transaction.set_rollback(True)
    monkeypatch.setattr(source_files, "PART_ROWS", 2)
    check = stored_check("contracts", workbook(*rows), city)
    assert import_with_stops(check) == 7
    check.refresh_from_db()
    assert contracts() == at_once[0]
    assert check.written_counts == result._asdict()
    assert {row[0][-2:]: row[2] for row in at_once[0] if row[2]} == {"00": "double", "01": "double", "02": "double"}
    texts = sorted(Notice.objects.filter(recipient=officer).values_list("text", flat=True))
    assert texts == at_once[1] and [text for text in texts if "有 8 项记录" in text], texts


def test_a_guest_list_that_is_stopped_lists_each_party_and_person_once(client, monkeypatch):
    monkeypatch.setattr(source_files, "PART_ROWS", 2)
    make.docking_round()
    district = make.district_officer("jinpu")
    first, second, third = make.firm(), make.firm(), make.firm()
    rows = [guest(first), guest(second, "赵六"), guest(first, "钱七"), guest(third), guest(first, "孙八")]
    check = stored_check("guests", sheet(*rows), district)
    import_with_stops(check, most=1)
    client.force_login(district)
    page = reverse("import_report", args=[check.source_file.public_id])
    text = one_line(client.get(page).text)
    assert "导入已停止，已导入 1 家" in text and "接着导入其余的行" in text
    assert Attendee.objects.filter(party__organisation=first).count() == Attendee.objects.count() == 3
    import_with_stops(check)
    listed = [
        (party.organisation, [person.name for person in party.attendees.order_by("pk")])
        for party in Party.objects.order_by("pk")
    ]
    assert listed == [(first, ["王五", "钱七", "孙八"]), (second, ["赵六"]), (third, ["王五"])]
    assert check.source_file.created_rows == 3 and "已导入 3 家参会名单" in one_line(client.get(page).text)
