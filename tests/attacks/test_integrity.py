"""Attacks on the integrity check: its cases, what parties are asked, and the files they send."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from integrity.models import Case, Explanation
from integrity.services.decisions import Verdict, decide_case
from integrity.services.explanations import answer_explanation, ask_explanations, remind_of_explanations
from integrity.services.scanning import scan
from notices.models import Notice
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db
TEXT = "设备款和服务款分开签订，各有验收单。"


@pytest.fixture
def ring(db, settings, tmp_path):
    """Three firms round which money goes, their case, and the question to the first."""
    settings.MEDIA_ROOT = tmp_path
    firms = [make.firm(f"大连环{letter}示例有限公司") for letter in "甲乙丙"]
    for index, seller in enumerate(firms):
        buyer = firms[(index + 1) % 3]
        make.contract(name=f"环中合同{index}号", seller=seller, buyer=buyer, amount_wan=Decimal(800))
    scan()
    case, officer = Case.objects.get(signal="circles"), make.city_officer()
    make.firm_officer(firms[0])
    [asked] = ask_explanations(
        case, organisations=firms[:1], question="请说明这些交易的内容。", revision=case.revision, by=officer
    )
    case.refresh_from_db()
    return firms, case, asked, officer


def test_the_asked_party_reads_nothing_of_the_others(client, ring):
    firms, case, asked, _officer = ring
    client.force_login(make.firm_officer(firms[0]))

    page = client.get(reverse("integrity_explanation", args=[asked.public_id])).content.decode()

    assert "环中合同0号" in page and "环中合同2号" in page  # it sells in one and buys in the other
    assert "环中合同1号" not in page and case.sentence not in page and "循环" not in page
    assert not [word for firm in firms[1:] for word in [firm.name] if word in page]
    texts = Notice.objects.filter(about__startswith="integrity.").values_list("text", flat=True)
    assert texts and not [text for text in texts if "环" in text]


def test_no_party_opens_a_case_or_another_partys_question(client, ring):
    firms, case, asked, _officer = ring
    client.force_login(make.firm_officer(firms[1]))

    for address in ("integrity_cases", "integrity_case"):
        args = [case.public_id] if address.endswith("case") else []
        assert client.get(reverse(address, args=args)).status_code == 403
    assert client.get(reverse("integrity_explanation", args=[asked.public_id])).status_code == 404
    assert client.post(reverse("integrity_case_do", args=[case.public_id]), {"action": "decide"}).status_code == 403
    with pytest.raises(PermissionDenied):
        answer_explanation(asked, text=TEXT, by=make.firm_officer(firms[1]))


def test_a_city_officer_of_a_party_can_neither_ask_nor_decide(client, ring):
    firms, case, _asked, _officer = ring
    both = make.city_officer()
    make.add_member(both, firms[2], "firm_officer", by=None)
    client.force_login(both)

    page = client.get(reverse("integrity_case", args=[case.public_id])).content.decode()
    answer = client.post(
        reverse("integrity_case_do", args=[case.public_id]),
        {"action": "decide", "decide-revision": case.revision, "decide-outcome": "unfounded", "decide-reason": TEXT},
    )

    assert "请回避" in page and "记录决定" not in page
    assert answer.status_code == 403
    case.refresh_from_db()
    assert case.outcome == ""


def test_an_answer_is_given_once_with_a_checked_file_that_only_downloads(client, ring):
    firms, case, asked, officer = ring
    address = reverse("integrity_explanation", args=[asked.public_id])
    client.force_login(make.firm_officer(firms[0]))
    script = SimpleUploadedFile("说明.pdf", b"<html><script>alert(1)</script></html>")
    refused = client.post(address, {"text": TEXT, "file": script})
    assert refused.status_code == 422 and TEXT in refused.content.decode()
    assert client.post(address, {"text": "没问题"}).status_code == 422

    sent = client.post(address, {"text": TEXT + "<b>x</b>", "file": SimpleUploadedFile("回单.pdf", uploads.PDF)})

    assert sent.status_code == 302
    again = client.post(address, {"text": "后来想好的另一种说法，重新提交。"})
    assert again.status_code == 422
    asked.refresh_from_db()
    case.refresh_from_db()
    assert (asked.text, case.status) == (TEXT + "<b>x</b>", "answered")
    client.force_login(officer)
    page = client.get(reverse("integrity_case", args=[case.public_id])).content.decode()
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    file = client.get(reverse("integrity_explanation_file", args=[asked.public_id]))
    file.close()
    assert file["Content-Disposition"].startswith("attachment") and file["X-Content-Type-Options"] == "nosniff"


def test_who_is_not_a_party_is_not_asked_and_nobody_twice(ring):
    firms, case, _asked, officer = ring
    for organisation, words in ((make.firm(), "从这条线索的当事方中选择"), (firms[0], "已经请这个单位说明")):
        with pytest.raises(ValidationError, match=words):
            ask_explanations(
                case, organisations=[organisation], question="请说明。", revision=case.revision, by=officer
            )


def test_after_the_decision_an_open_question_is_withdrawn(ring):
    firms, case, asked, officer = ring

    decide_case(case, Verdict("unfounded", "三份合同标的不同，都有验收材料。"), revision=case.revision, by=officer)

    with pytest.raises(PermissionDenied):  # withdrawn: it is no longer addressed to anybody
        answer_explanation(asked, text=TEXT, by=make.firm_officer(firms[0]))
    assert not Explanation.objects.pending().exists()


def test_the_clock_reminds_before_the_day_and_once_after_it(ring):
    _firms, _case, asked, _officer = ring
    assert remind_of_explanations() == 0
    for days, wanted in ((1, 1), (0, 0), (-1, 1), (-9, 0)):
        Explanation.objects.update(due_on=timezone.localdate() + timedelta(days=days))
        assert remind_of_explanations() == wanted
    asked.refresh_from_db()
    assert asked.is_overdue


@pytest.mark.long
def test_the_queue_is_read_in_pages_and_bad_addresses_do_no_harm(client, ring, django_assert_num_queries):
    officer = ring[3]
    client.force_login(officer)
    address = reverse("integrity_cases")
    Case.objects.bulk_create(
        Case(
            signal="far_price",
            key=f"k{number}",
            sentence="长" * 400,
            parties="单位" * 200,
            amount_wan=number,
            facts_hash="x",
        )
        for number in range(60)
    )
    client.get(address)
    with django_assert_num_queries(_queries(client, address)):
        Case.objects.filter(key__in=["k1", "k2"]).update(sentence="短")
        client.get(address)
    assert "第 1 页，共 4 页" in client.get(address).content.decode()
    for query in ("?show=x&signal=y&page=abc", "?q=%00%27%22<script>", "?page=-1", "?q=" + "长" * 500):
        page = client.get(address + query)
        assert page.status_code == 200 and "<script>" not in page.content.decode().replace("<script ", "")
    case = reverse("integrity_case", args=[ring[1].public_id])
    for query in ("?outcome=excluded&rows=abc&rows=99999999999", "?outcome=x", "?outcome=related"):
        assert client.get(case + query).status_code == 200


def _queries(client, address) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured) + 1  # and the update
