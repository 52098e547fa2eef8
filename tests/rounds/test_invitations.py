import pytest
from django.core.cache import cache
from django.test import Client

from rounds.models import GuestTerms, Party
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_guessed():
    cache.clear()


@pytest.fixture
def party():
    return make.party(make.docking_round(), answer="invited")


def fields(*people, revision=0, **more):
    rows = {f"people-{at}-{name}": value for at, row in enumerate(people) for name, value in row.items()}
    return {"revision": revision, "coming": "coming", "people-TOTAL_FORMS": len(people), "people-INITIAL_FORMS": 0} | (
        rows | more
    )


def test_a_guest_answers_without_an_account(client, party):
    page = client.get(f"/r/{party.code}/")
    assert page.headers["Cache-Control"].startswith("max-age=0")
    assert "noindex" in page.headers["X-Robots-Tag"]
    answer = client.post(f"/r/{party.code}/", fields({"name": "王五", "position": "总工"}), follow=True)
    assert "已答复参加" in answer.content.decode()
    party.refresh_from_db()
    assert party.attendees.get().name == "王五"


def test_the_page_names_no_other_guest(client, party):
    other = make.party(party.docking_round, make.firm("大连另一家公司"))
    make.attendee(other, name="欧阳某某")
    text = client.get(f"/r/{party.code}/").content.decode()
    assert party.organisation.name in text
    assert "大连另一家公司" not in text
    assert "欧阳某某" not in text


def test_a_refused_answer_names_its_errors(client, party):
    for sent, words in (
        (fields({"name": "长" * 2000}), "30"),
        (fields({"name": "", "position": "总工"}), "把姓名也填上"),
        (fields(), "至少填写一位"),
        (fields({"name": "王五"}, coming="perhaps"), "有效"),
        (fields({"name": "王五"}, arrives_at="25:99"), "时间"),
        (fields({"name": "王五"}, most_meetings="9999"), "50"),
        (fields({"name": "王五"}, revision="x"), "整数"),
        ({"coming": "coming", "revision": "0"}, ""),
    ):
        answer = client.post(f"/r/{party.code}/", sent)
        assert answer.status_code == 422, sent
        assert words in answer.content.decode(), sent
        assert Party.objects.get().answer == "invited", sent


def test_a_second_device_sees_the_earlier_answer_and_may_send_again(client, party):
    client.post(f"/r/{party.code}/", fields({"name": "王五"}))
    late = client.post(f"/r/{party.code}/", fields({"name": "赵六"}))
    assert late.status_code == 422
    assert "另一台设备" in late.content.decode()
    assert 'name="revision" value="1"' in late.content.decode()
    client.post(f"/r/{party.code}/", fields({"name": "赵六"}, revision=1))
    assert [attendee.name for attendee in party.attendees.all()] == ["赵六"]


def test_unknown_withdrawn_and_unsent_codes_have_the_same_response(client, party):
    withdrawn = make.party(party.docking_round, answer="withdrawn", withdrawn_reason="重名", invited_at=None)
    listed = make.party(party.docking_round, answer="listed")
    codes = ["abcdefghjk", withdrawn.code, listed.code]
    answers = [client.get(f"/r/{code}/") for code in codes]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_guessing_codes_is_throttled_and_reveals_nothing(client, party, monkeypatch):
    monkeypatch.setattr("core.throttling.MAX_FAILED_ATTEMPTS", 3)
    for _attempt in range(3):
        assert client.get("/r/abcdefghjk/").status_code == 404
    for address in ("/r/abcdefghjk/", f"/r/{party.code}/", "/r/"):
        refused = client.get(address)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert client.post("/r/", {"code": party.code}).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get(f"/r/{party.code}/").status_code == 200


def test_a_typed_code_opens_the_invitation(client, party):
    typed = f" {party.code[:5].upper()} {party.code[5:]} "
    assert client.post("/r/", {"code": typed}).url == f"/r/{party.code}/"
    assert client.post("/r/", {"code": "没有的码"}).status_code == 422


def test_a_closed_page_says_whom_to_call(client, party):
    GuestTerms.objects.create(docking_round=party.docking_round, contact_name="会务组", contact_phone="0411-0000000")
    type(party.docking_round).objects.filter(pk=party.docking_round_id).update(status="running")
    text = client.get(f"/r/{party.code}/").content.decode()
    assert "活动已经开始" in text and "0411-0000000" in text
    assert client.post(f"/r/{party.code}/", fields({"name": "王五"})).status_code == 422


def test_officers_answer_on_the_workbench(signed_in, party):
    browser = signed_in(make.firm_officer(party.organisation))
    address = f"/workbench/invitations/{party.public_id}/"
    assert address in browser.get("/workbench/invitations/").content.decode()
    browser.post(address, fields({"name": "王五"}))
    party.refresh_from_db()
    assert (party.answer, party.answered_by.memberships.get().organisation) == ("coming", party.organisation)


def test_the_number_of_queries_is_constant(signed_in, party, django_assert_num_queries):
    officer = make.firm_officer(party.organisation)
    browser = signed_in(officer)
    browser.get("/workbench/invitations/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as single:
        browser.get("/workbench/invitations/")
    for _number in range(2):
        make.party(make.docking_round(), party.organisation, answer="invited")
    with CaptureQueriesContext(connection) as three:
        browser.get("/workbench/invitations/")
    assert len(single) == len(three)
