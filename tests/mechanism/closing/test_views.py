"""Pages of the month-end close, the public page and the check of a code."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from core.public_id import new_public_id
from deals.services.contracts import cancel_contract
from mechanism.closing.differences import find_differences
from mechanism.closing.paper import version_html
from mechanism.closing.publication import CARRIED_OVER, published_report
from mechanism.models import FigureVersion
from mechanism.services.closing import Reasons
from tests import factories as make
from tests.authentication.sign_ins import prove_again
from tests.mechanism.closing.closed_city import DECEMBER, YEAR, build_city, close

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def closed(django_db_setup, django_db_blocker):
    """The city and the signed version of last year, built once: each test leaves them as they were."""
    with django_db_blocker.unblock(), transaction.atomic():
        city = build_city()
        city.version = close(city)
        yield city
        transaction.set_rollback(True)


@pytest.fixture
def city(closed, db):
    closed.version = FigureVersion.objects.get(pk=closed.version.pk)
    return closed


def cancel(city) -> None:
    city.contracts[0].refresh_from_db()
    cancel_contract(city.contracts[0], on=timezone.localdate(), reason="双方协商解除", by=city.checker)


def page(client, name: str, *arguments, status: int = 200, **query) -> str:
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == status
    return answer.content.decode()


def text_of(figures: list, key: str):
    return next(figure for figure in figures if figure["key"] == key and "by" not in figure)


# --- The public ------------------------------------------------------------------------------------------------------
def test_a_cancelled_contract_of_last_year_does_not_move_what_is_published(client, city):
    before, figures = page(client, "public_figures"), client.get("/api/v1/figures/").json()
    turnover = text_of(figures, "turnover")
    assert turnover["value"] == "1.27"
    assert turnover["signed"]["code"] == city.version.public_id
    assert "大连市科学技术局" in before
    cancel(city)
    assert page(client, "public_figures") == before
    assert client.get("/api/v1/figures/").json() == figures
    client.force_login(city.checker)
    for name, arguments in (("board", ()), ("figure", ("turnover",))):
        board = page(client, name, *arguments, period=YEAR)
        assert "1.27" in board
        assert "现在数为" in board
        assert "差异 −0.1" in board
    signed = client.get("/api/v1/figures/turnover/", {"period": str(YEAR)}).json()
    assert (signed["signed"]["value"], signed["signed"]["difference"]) == ("1.2660", "-0.1000")


def test_the_difference_of_two_versions_does_not_tell_the_sum_of_one_firm(client, city):
    before = published_report("")
    cancel(city)
    restated = close(city, note="补报", reasons=Reasons(rest="补报", digest=find_differences(city.version).digest))
    after = published_report("")
    assert (before.version, after.version) == (city.version, restated)
    sums = [{figure.key: figure.text for figure in published.report.figures} for published in (before, after)]
    assert sums[0] == sums[1]
    assert next(figure.note for figure in after.report.figures if figure.key == "turnover") == CARRIED_OVER
    assert before.report.tables == after.report.tables
    assert "已有更新的一版" in page(client, "figure_check", city.version.public_id)
    assert "是最新的一版" in page(client, "figure_check", restated.public_id)


def test_anybody_checks_a_code(client, city):
    code = city.version.public_id
    typed = f" {code[:5].upper()}-{code[5:]} "
    answer = client.get(reverse("figure_check_form"), {"code": typed})
    assert answer["Location"] == reverse("figure_check", args=[code])
    shown = page(client, "figure_check", code)
    assert "是最新的一版" in shown
    assert city.version.content_hash in shown
    assert "1.27" in shown
    for secret in (city.checker.name, city.signer.name, "大连买方", "核定技术交易额", "到账金额"):
        assert secret not in shown


@pytest.mark.parametrize("typed", ["abcde", "O0Il1-00000", "\x00", "<script>alert(1)</script>", "一二三四五六七八九十"])
def test_a_wrong_code_gets_a_sentence_and_no_script(client, db, typed):
    shown = page(client, "figure_check_form", status=404, code=typed)
    assert "不是核验码" in shown
    assert "<script>alert" not in shown


def test_codes_cannot_be_tried_out(client, db):
    statuses = {client.get(reverse("figure_check", args=[new_public_id()])).status_code for _ in range(15)}
    statuses |= {client.get(reverse("figure_check_form"), {"code": new_public_id()}).status_code for _ in range(15)}
    assert statuses == {404, 429}
    assert client.get(reverse("figure_check", args=[new_public_id()])).status_code == 429


def test_a_version_made_by_sql_is_not_published(client, city):
    """Even a copy of a genuine one with another number: nobody can seal it without the SECRET_KEY."""
    genuine = city.version
    forged = FigureVersion.objects.get(pk=genuine.pk)
    forged.pk, forged.public_id, forged.number = None, new_public_id(), 2
    forged.public_report = {"figures": [dict(genuine.public_report["figures"][0], text="伪造之数")], "tables": []}
    forged.save()
    assert "不能使用" in page(client, "figure_check", forged.public_id)
    assert "伪造之数" not in page(client, "figure_check", forged.public_id)
    shown = page(client, "public_figures")
    assert "伪造之数" not in shown


# --- The city --------------------------------------------------------------------------------------------------------
def test_check_and_sign_by_hand(city):
    """As two people do it: the page lists the difference, asks for reasons, the signature asks for the password."""
    checker, signer = Client(), Client()
    checker.force_login(city.checker)
    signer.force_login(city.signer)
    cancel(city)
    address = reverse("closing_check", args=[DECEMBER])
    shown = checker.get(address).content.decode()
    assert "不再计入" in shown
    assert city.contracts[0].name in shown
    digest, key = find_differences(city.version).digest, f"reason-deals.contract-{city.contracts[0].pk}"
    form = {"digest": digest, "note": "更正 <b>一份</b>", key: "登记部门补报"}
    refused = checker.post(address, form)
    assert refused.status_code == 422
    assert "登记部门补报" in refused.content.decode()  # what was typed stays
    version_page = checker.post(address, form | {"seen": "1"})["Location"]
    shown = checker.get(version_page).content.decode()
    assert "更正 &lt;b&gt;一份" in shown
    assert "签发这一版" not in shown  # own check
    version = FigureVersion.objects.get(status="checked")
    page(Client(), "figure_check", version.public_id, status=404)  # not signed yet
    sign = reverse("figure_version_sign", args=[version.public_id])
    asked = signer.post(sign, {"content_hash": version.content_hash})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    version.refresh_from_db()
    assert version.status == "checked"
    prove_again(signer)
    signer.post(sign, {"content_hash": version.content_hash})
    version.refresh_from_db()
    assert version.is_signed
    assert "重新计算了全部记录" in signer.get(version_page, {"prove": "1"}).content.decode()


def test_the_paper_holds_code_hash_and_values_and_each_copy_is_recorded(city):
    client = Client()
    client.force_login(make.auditor())
    answer = client.get(reverse("figure_version_paper", args=[city.version.public_id]))
    assert answer.content.startswith(b"%PDF")
    assert AuditRecord.objects.filter(action="下载月结签发件", object_id=str(city.version.pk)).count() == 1
    html = version_html(city.version, "https://example.org/check")
    code = city.version.public_id
    for text in (f"{code[:5]}-{code[5:]}", city.version.content_hash, "1.27", city.checker.name, "data:image/svg"):
        assert text in html
