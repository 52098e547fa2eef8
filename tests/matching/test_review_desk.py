"""Views of the review desk: permissions, answers, number of queries."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from matching.models import Decision, Match, Reservation
from matching.services.questions import ask_question
from matching.services.reservations import reserve
from matching.services.review import accept_match, hold_match, reject_match
from tests import factories as make
from tests.browser.review_queue import proposals
from tests.matching.test_decisions import tomorrow

pytestmark = pytest.mark.long


def address(name: str, *args) -> str:
    return reverse(f"admin:matching_triage_{name}", args=args)


@pytest.fixture
def officer(db, client):
    made = make.district_officer(name="王晓")
    client.force_login(made)
    return made


def post(client, name: str, **body):
    return client.post(address(name), json.dumps(body), content_type="application/json")


def decide(client, match, kind: str = "accept", **more):
    body = {"key": str(uuid4()), "id": match.public_id, "revision": 0, "kind": kind} | more
    return post(client, "decide", **body)


def listed(client, query: str = "") -> list[str]:
    """The ids of the rows of the list."""
    text = client.get(address("queue") + query).text
    return [piece.partition('"')[0] for piece in text.split('data-id="')[1:]]


class TestPage:
    def test_shows_number_waiting_and_first_pair(self, client, officer):
        rows = proposals(3)
        make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")), score=100)
        page = client.get(address("triage")).text
        assert 'data-waiting="3"' in page
        assert f'data-match-id="{rows[0].public_id}"' in page
        assert "script-src" not in client.get(address("triage"))["Content-Security-Policy"]  # the strict policy

    def test_opens_at_first_match_without_reservation(self, client, officer):
        rows = proposals(3)
        reserve([rows[1].pk], by=make.district_officer(), opened=rows[0].pk)
        assert f'data-match-id="{rows[2].public_id}"' in client.get(address("triage")).text

    def test_opens_the_match_of_the_url_within_scope(self, client, officer):
        rows = proposals(3)
        foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
        page = client.get(address("triage") + f"?match={rows[2].public_id}")
        assert f'data-match-id="{rows[2].public_id}"' in page.text
        assert client.get(address("triage") + f"?match={foreign.public_id}").status_code == 404

    def test_shows_earlier_decisions_on_firm_and_achievement(self, client, officer):
        match = make.match()
        earlier = make.match(demand=make.demand(firm=match.demand.firm), run=make.match_run(title="春季批次"))
        reject_match(earlier, by=officer, reason="price")
        used = make.match(achievement=match.achievement, demand=make.demand(firm=make.firm()))
        accept_match(used, by=officer)
        elsewhere = make.demand(title="别区的需求", firm=make.firm(region_code="gaoxin"))
        accept_match(make.match(achievement=match.achievement, demand=elsewhere), by=make.city_officer())
        page = client.get(address("triage") + f"?match={match.public_id}").text
        assert earlier.achievement.title in page and "价格或合作方式不合，春季批次" in page
        assert used.demand.title in page
        assert "别区的需求" not in page

    def test_texts_are_escaped(self, client, officer):
        match = make.match(shared_terms=["<i>术语</i>"])
        type(match.demand).objects.filter(pk=match.demand_id).update(title="<script>alert(1)</script>")
        page = client.get(address("triage")).text
        assert "<script>alert(1)" not in page and "<i>术语" not in page

    @pytest.mark.parametrize("number", [3, 120])
    def test_query_count_does_not_depend_on_queue_length(self, client, officer, number, django_assert_max_num_queries):
        proposals(number)
        client.get(address("triage"))
        with django_assert_max_num_queries(29):
            client.get(address("triage"))
        with django_assert_max_num_queries(10):
            client.get(address("queue"))

    @pytest.mark.parametrize("wanted", [1, 12])
    def test_query_count_does_not_depend_on_number_of_pairs(self, client, officer, wanted, django_assert_num_queries):
        """Neither do decided matches of the same firm, achievement and demand cost any."""
        rows = proposals(30)
        ids = [match.public_id for match in rows]
        for decided in rows[20:]:
            reject_match(decided, by=officer, reason="price")
        post(client, "pairs", want=ids[:1])
        with django_assert_num_queries(19):
            answer = post(client, "pairs", want=ids[:wanted], ahead=ids[:12], open=ids[0]).json()
        assert list(answer["pairs"]) == ids[:wanted]
        assert answer["rows"] == []
        assert all("价格或合作方式不合，" in pair and "其他推荐" in pair for pair in answer["pairs"].values())


class TestQueue:
    def test_next_window_is_correct_after_decisions(self, client, officer):
        rows = [match.public_id for match in proposals(130)]
        first = listed(client)
        assert first == rows[:60]
        accept_match(Match.objects.get(public_id=first[-1]), by=officer)
        assert listed(client, f"?after={first[-1]}") == rows[60:120]
        assert listed(client, f"?after={rows[119]}") == rows[120:]
        assert listed(client, f"?after={rows[129]}") == []

    def test_each_view_lists_its_own_matches(self, client, officer):
        colleague = make.district_officer(name="李青")
        names = ("mine", "colleagues", "asked", "held", "decided", "appeals")
        rows = dict(zip(names, proposals(6), strict=True))
        Match.objects.filter(pk=rows["colleagues"].pk).update(assigned_to=colleague)
        ask_question(rows["asked"], side="firm", text="批量？", by=officer)
        hold_match(rows["held"], until=tomorrow(3), by=officer)
        accept_match(rows["decided"], by=colleague)
        reject_match(rows["appeals"], by=colleague, reason="field")
        Match.objects.filter(pk=rows["appeals"].pk).update(appeal="再看看")
        listed_ids = {name: listed(client, f"?view={name}") for name in names}
        assert listed_ids == {name: [row.public_id] for name, row in rows.items()} | {
            "decided": [rows["appeals"].public_id, rows["decided"].public_id]
        }

    def test_filters_by_text_industry_institution_score_and_run(self, client, officer):
        from taxonomy.models import Industry

        other = Industry.objects.filter(parent=None).exclude(slug="materials").first()
        rows = proposals(4)
        odd = make.match(
            score=62,
            achievement=make.achievement(institution=make.institution("大连示例海洋大学"), industry=other),
            demand=make.demand(title="贝类清点"),
            run=make.match_run(status="done", finished_at="2026-11-21T08:00:00Z"),
        )
        only = [odd.public_id]
        assert listed(client, "?q=贝类") == listed(client, "?q=海洋大学") == only
        assert listed(client, f"?industry={other.pk}") == only
        assert listed(client, f"?institution={odd.achievement.institution_id}") == only
        assert odd.public_id in listed(client, "?level=60") and rows[0].public_id not in listed(client, "?level=60")
        assert listed(client, "?fresh=on") == only
        assert len(listed(client, "?view=nonsense&industry=x&level=7")) == 5  # an old or broken link shows everything


class TestDecide:
    def test_repeated_step_is_applied_once(self, client, officer):
        match = make.match()
        body = {"key": str(uuid4()), "id": match.public_id, "revision": 0, "kind": "accept", "open_ms": 900}
        answers = [post(client, "decide", **body) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert len({answer.json()["key"] for answer in answers}) == 1
        assert Decision.objects.get().open_ms == 900

    def test_every_kind(self, client, officer):
        colleague, broker = make.district_officer(name="李青"), make.broker()
        bodies = {
            "accept": {},
            "reject": {"reason": "price", "note": "高一倍"},
            "hold": {"until": tomorrow(7).isoformat()},
            "ask": {"side": "office", "note": "有检测吗？"},
            "broker": {"broker": broker.pk},
            "give": {"to": colleague.pk},
            "take": {},
        }
        for kind, more in bodies.items():
            answer = decide(client, make.match(), kind, **more)
            assert answer.status_code == 200, (kind, answer.text)
        match = make.match()
        other = make.match(demand=match.demand)
        assert decide(client, match, "duplicate", other=other.public_id).status_code == 200
        assert decide(client, match, "appeal", revision=1, note="再看看").status_code == 200
        assert decide(client, match, "reopen", revision=2, note="看错了").status_code == 200
        client.force_login(make.city_officer())
        upheld = make.match(status="accepted", reviewed_by=officer, reviewed_at="2026-11-20T08:00:00Z", appeal="？")
        assert decide(client, upheld, "uphold", note="不变").status_code == 200

    def test_incomplete_step_is_refused_with_a_message(self, client, officer):
        match = make.match()
        for kind, more in (
            ("reject", {}),
            ("hold", {}),
            ("hold", {"until": "明天"}),
            ("hold", {"until": "2020-01-01"}),
            ("duplicate", {"other": "2222222222"}),
            ("ask", {"side": "firm"}),
            ("broker", {}),
            ("give", {"to": 10**6}),
            ("appeal", {"note": "再看看"}),
            ("uphold", {"note": "不变"}),
            ("explode", {}),
        ):
            answer = decide(client, match, kind, **more)
            assert answer.status_code in {403, 409, 422} and answer.json()["message"], (kind, more)
            assert not Decision.objects.exists(), (kind, more)

    def test_conflict_names_the_first_and_returns_the_current_row(self, client, officer):
        match = make.match()
        accept_match(match, by=make.district_officer(name="李青"))
        answer = decide(client, match, "reject", reason="field")
        assert answer.status_code == 409
        assert (
            "已由李青审核（已采纳）" in answer.json()["message"]
            and 'data-state="accepted"' in answer.json()["row"]["html"]
        )

    def test_step_of_another_account_is_refused(self, client, officer):
        match = make.match()
        answer = decide(client, match, by=officer.pk + 1)
        assert answer.status_code == 409 and "另一个账号" in answer.json()["message"]
        assert decide(client, match, by=officer.pk).status_code == 200

    def test_other_districts_and_readers_are_refused(self, client, officer):
        foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
        assert decide(client, foreign).status_code == 404
        client.force_login(make.auditor())
        assert decide(client, foreign).status_code == 403
        assert not Decision.objects.exists()

    def test_malformed_body_is_refused(self, client, officer):
        for body in (b"", b"[]", b"{", b'{"key": 1}', b'{"key": "x", "id": "\\u0000"}'):
            for name in ("decide", "undo", "preview", "bulk", "choose", "pairs", "keys"):
                answer = client.post(address(name), body, content_type="application/json")
                assert answer.status_code < 500, (name, body, answer.status_code)
        assert not Decision.objects.exists()


class TestUndo:
    def test_by_key_and_by_batch(self, client, officer):
        match, key = make.match(), str(uuid4())
        decide(client, match, key=key)
        answer = post(client, "undo", key=key)
        assert answer.status_code == 200 and 'data-state="due"' in answer.json()["row"]["html"]
        rows, batch = [row.public_id for row in proposals(4)], str(uuid4())
        done = post(client, "bulk", key=batch, kind="accept", ids=rows).json()
        assert (done["count"], len(done["rows"])) == (4, 4)
        undone = post(client, "undo", batch=batch)
        assert undone.json()["message"] == "已撤销 4 条。" and len(undone.json()["rows"]) == 4

    def test_undo_of_a_refused_step_succeeds(self, client, officer):
        assert "不需要撤销" in post(client, "undo", key=str(uuid4())).json()["message"]

    def test_step_of_a_colleague_cannot_be_undone(self, client, officer):
        decision = accept_match(make.match(), by=make.district_officer())
        assert post(client, "undo", key=str(decision.key)).status_code == 403
        assert Match.objects.get().status == "accepted"


class TestReservations:
    def test_free_matches_are_reserved_and_decided_rows_returned(self, client, officer):
        rows, colleague = proposals(14), make.district_officer(name="李青")
        ids = [row.public_id for row in rows]
        reserve([rows[1].pk], by=colleague, opened=rows[2].pk)
        accept_match(rows[3], by=colleague)
        answer = post(client, "pairs", open=ids[0], ahead=ids[1:]).json()
        assert [row["id"] for row in answer["rows"]] == [ids[3]]
        assert {row["match"] for row in answer["looking"]} == {ids[1], ids[2]}
        mine = Reservation.objects.filter(user=officer).order_by("match").values_list("match", flat=True)
        assert list(mine) == [rows[place].pk for place in (0, *range(4, 12))]


class TestChoices:
    def test_colleagues_are_officers_who_can_decide_the_match(self, client, officer):
        match = make.match()
        make.district_officer(name="李青")
        make.district_officer("gaoxin", name="别区的")
        make.city_officer(name="市里的")
        make.auditor(name="审计的")
        choices = client.get(address("colleagues") + f"?match={match.public_id}").json()["choices"]
        assert [choice["label"] for choice in choices] == ["李青", "市里的（市科技局）"]

    def test_suggested_brokers_come_first_with_reasons(self, client, officer):
        match = make.match()
        make.broker(name="甲")
        make.broker(name="乙").regions.add(match.demand.firm.stat_region)
        make.broker(name="丙", expires_on="2020-01-01")
        choices = client.get(address("brokers") + f"?match={match.public_id}").json()["choices"]
        assert [choice["label"] for choice in choices] == ["乙（服务金普新区）", "甲"]

    @pytest.mark.parametrize("name", ["colleagues", "brokers"])
    def test_match_of_another_district_is_not_found(self, client, officer, name):
        foreign = make.match(demand=make.demand(firm=make.firm(region_code="gaoxin")))
        assert client.get(address(name) + f"?match={foreign.public_id}").status_code == 404

    def test_setting_for_single_keys_is_stored(self, client, officer):
        assert '"singleKeys": true' in client.get(address("triage")).text
        post(client, "keys", on=False)
        assert '"singleKeys": false' in client.get(address("triage")).text
