"""Loading the demo city: complete, once, with past events, and not into a database with other data."""

import json
import stat
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F, Sum
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, Role, User
from achievements.models import Achievement
from audit.models import AuditRecord
from brokers.models import Agency, Broker
from deals.models import Contract, Deal
from demands.models import Demand
from integrity.models import Case
from matching.models import BrokerRequest, FollowUp, FollowUpCheck, Match, MatchRun, SideResponse
from notices.models import Notice
from portal.demo import DemoRefused, load_demo_city
from portal.demo.dataset import rows
from portal.demo.loading import LoadCounts
from portal.demo.logins import new_password
from portal.demo.people import DemoContext, load_organisations, load_people
from portal.search.results import find
from rounds.models import Attendee, DockingRound, MeetingOrder, MeetingRequest, Outcome
from rounds.views.staff.pre_docking_figures import BoardScope, district_rows
from tests import factories as make
from tests.attacks.anonymity import AnonymityAttacks
from tests.planner_statistics import analyze_tables

pytestmark = pytest.mark.django_db

QUESTIONS = Path(__file__).parents[2] / "benchmarks" / "search_questions.jsonl"
ADDRESS = "http://127.0.0.1:8000"
CHANGED_LATER = {"千吨水产冷库电费太高": "paused", "冷冻鱼片化冻出水、微波热了发柴": "solved"}
"""What their firms did after publishing, see portal/demo/demand_changes.py."""
POSTED_BY_AGENTS = {"老产线减振与降噪改造": "district_review"}
"""Demands that brokers write in the demo under a mandate, see portal/demo/brokerage.py."""
COUNTED = (Organisation, User, Achievement, Demand, Agency, Broker, DockingRound, MatchRun, Match, BrokerRequest)


def registered_deals() -> list[Deal]:
    """Deals of matches with a registered contract."""
    return list(Deal.objects.exclude(follow_up=None).filter(contracts__status="registered").with_pair())


def counts() -> dict:
    return {model.__name__: model.objects.count() for model in (*COUNTED, AuditRecord)}


FULL_HASHES = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
"""The product's; the suite has a quicker one, and the users that tests add need no other."""


@pytest.mark.long
class TestLoadedCity(AnonymityAttacks, TestCase):
    @classmethod
    def setUpTestData(cls):
        folder = cls.enterClassContext(TemporaryDirectory())
        cls.logins_file = Path(folder) / "kept" / "logins.json"
        with FULL_HASHES:
            load_demo_city(logins_file=cls.logins_file, address=ADDRESS)
        analyze_tables()
        cls.other = make.firm_officer()
        cls.file = json.loads(cls.logins_file.read_text(encoding="utf-8"))

    @FULL_HASHES
    def test_every_demo_user_can_log_in_with_a_full_hash(self):
        for login in self.file["logins"][: len(Role)]:
            answer = Client().post("/accounts/login/", login)
            assert (answer.status_code, answer.url) == (302, login["start_page"]), login["role"]
            rounds = User.objects.get(username=login["username"]).password.split("$")[1]
            assert int(rounds) == PBKDF2PasswordHasher.iterations

    def test_follow_ups_have_every_status_and_some_are_overdue(self):
        follow_ups = FollowUp.objects.not_withdrawn()
        assert set(follow_ups.values_list("status", flat=True)) == {"asking", "talks", "intent", "deal", "closed"}
        assert set(SideResponse.objects.values_list("status", flat=True)) == set(SideResponse.Status.values)
        assert FollowUp.objects.late_to_answer().exists() and FollowUp.objects.late_to_act().exists()
        assert not follow_ups.exclude(agreed_at=None).filter(agreed_at__lt=F("opened_at")).exists()
        assert Notice.objects.unread().exists() and not Notice.objects.filter(made_at__gt=timezone.now()).exists()

    def test_past_rounds_have_meetings_of_present_people(self):
        for docking_round in DockingRound.objects.filter(ends_at__lt=timezone.now()):
            talks = docking_round.meetings.filter(status="held")
            assert talks.count() >= 10, docking_round
            absent = talks.exclude(firm_party__absent_at=None) | talks.exclude(institution_party__absent_at=None)
            assert not absent.exists()
            people = Attendee.objects.filter(party__docking_round=docking_round).checked_in()
            assert people.exists() and not people.exclude(party__absent_at=None).exists()
            assert Outcome.objects.filter(meeting__docking_round=docking_round, intent_wan__gt=0).exists()
            assert (
                not Outcome.objects.filter(meeting__docking_round=docking_round)
                .exclude(meeting__status="held")
                .exists()
            )
            assert not talks.filter(match__reviewed_at__gt=docking_round.starts_at).exists()

    def city(self) -> User:
        return User.objects.filter(memberships__role=Role.CITY).first()

    def test_coming_round_has_guests_of_every_answer(self):
        docking_round = DockingRound.objects.get(status="gathering")
        answers = set(docking_round.parties.values_list("organisation__stat_region", "answer"))
        units = {unit for unit, _answer in answers if unit}
        assert len(units) >= 12
        assert {answer for _unit, answer in answers} == {"listed", "invited", "coming", "declined"}
        assert all(party.attendees.exists() for party in docking_round.parties.coming())
        states = {row.state for row in district_rows(BoardScope(self.city(), docking_round))}
        assert {"far", "done"} & states and len(states) > 1

    def test_coming_round_has_meeting_requests_and_orders(self):
        wanted = DockingRound.objects.get(status="gathering").meetings.wanted()
        assert wanted.filter(priority=3).exists()
        requests = MeetingRequest.objects.active().filter(meeting__in=wanted)
        assert set(requests.values_list("party__side", "is_most")) == {("firm", True), ("office", False)}
        assert MeetingOrder.objects.active().filter(before__in=wanted, after__in=wanted).count() == 1

    def test_latest_round_has_follow_up_checks_some_late(self):
        assert FollowUpCheck.objects.exclude(answer="").exists()
        assert FollowUpCheck.objects.late().exists()
        assert not FollowUpCheck.objects.filter(answered_at__gt=timezone.now()).exists()

    def test_every_row_of_the_files_is_loaded_with_its_status(self):
        for model, kind in [(Achievement, "achievements"), (Demand, "demands")]:
            states = {row["title"]: row["status"] for row in rows(kind)}
            settled = [(deal.achievement if model is Achievement else deal.demand).title for deal in registered_deals()]
            states |= {title: status for title, status in CHANGED_LATER.items() if title in states}
            states |= dict.fromkeys(settled, "transferred" if model is Achievement else "solved")
            states |= POSTED_BY_AGENTS if model is Demand else {}
            loaded = model.objects.filter(**({"is_private": False} if model is Demand else {}))
            assert dict(loaded.values_list("title", "status")) == states
        assert dict(DockingRound.objects.values_list("name", "status")) == {
            r["name"]: r["status"] for r in rows("rounds")
        }
        assert Agency.objects.listed().count() == sum(row["verified"] for row in rows("agencies"))
        assert Broker.objects.count() == len(rows("brokers"))
        assert Broker.objects.active().count() == sum(row["is_active"] for row in rows("brokers"))

    def test_deals_have_every_stage_with_consistent_days_and_sums(self):
        deals = Deal.objects.prefetch_related("steps", "contracts", "payments")
        assert set(Deal.objects.values_list("stage", flat=True)) == set(Deal.Stage.values)
        assert {"match", "approach", "outside"} <= set(Deal.objects.values_list("origin", flat=True))
        assert Deal.objects.filter(exclusive_from__isnull=False).count() == 1
        for deal in deals:
            days = [step.on for step in deal.steps.all()][::-1]
            assert days == sorted(days) and days[-1] == deal.stage_on < timezone.localdate()
            registered = [record for record in deal.contracts.all() if record.status == "registered"]
            assert bool(registered) == (deal.stage in {"registered", "performing", "landed", "reviewed"})
            assert sum(record.amount_wan for record in deal.payments.all()) <= (deal.signed_wan or 0)
        assert Contract.objects.confirmed().exists() and Contract.objects.broker_confirmed().exists()

    def test_contracts_of_three_years_have_a_plausible_turnover(self):
        registered, this_year = Contract.objects.registered(), timezone.localdate().year
        for year in (this_year - 2, this_year - 1):
            total = registered.filter(registered_on__year=year).aggregate(total=Sum("amount_wan"))["total"]
            assert 380 < total / 10_000 < 520
        assert not Contract.objects.filter(registered_on__gte=timezone.localdate()).exists()
        assert set(Contract.objects.to_check().values_list("doubt", flat=True)) == {"deal", "double", "number", "place"}
        assert Contract.objects.filter(status="cancelled").exists()

    def test_each_district_has_open_and_decided_matches(self):
        waiting = Counter(Match.objects.awaiting_review().values_list("demand__firm__stat_region", flat=True))
        most = [number for _unit, number in waiting.most_common(5)]
        assert most[1] == 40 <= most[0] and min(most) >= 25  # the immediate run of the demo adds to one district
        assert len(waiting) >= 12
        decided = Match.objects.exclude(status=Match.Status.PROPOSED).filter(approaches=None)  # by officers
        assert {match.status for match in decided} == {"accepted", "rejected"}
        for match in decided.select_related("demand__firm", "reviewed_by"):
            assert match.reviewed_by.scope.region_ids == {match.demand.firm.stat_region_id}
        assert decided.exclude(review_note="").exists()
        assert set(BrokerRequest.objects.values_list("status", flat=True)) == {"asked", "taken"}

    def test_past_events_are_in_chronological_order(self):
        now = timezone.now()
        for docking_round in DockingRound.objects.filter(status=DockingRound.Status.CLOSED).select_related("match_run"):
            run = docking_round.match_run
            assert docking_round.ends_at < docking_round.closed_at == run.queued_at == run.finished_at < now
            assert run.new_matches.exists()
            for item in [
                *Achievement.objects.filter(pk__in=run.achievement_ids),
                *Demand.objects.filter(pk__in=run.demand_ids),
            ]:
                assert item.created_at < item.published_at < docking_round.starts_at
            for match in run.new_matches.exclude(status=Match.Status.PROPOSED):
                assert match.created_at == docking_round.closed_at < match.reviewed_at < now
            for achievement in docking_round.featured.all():
                assert achievement.pk in run.achievement_ids
        coming = DockingRound.objects.open().get()
        assert now + timedelta(days=20) < coming.starts_at < coming.ends_at
        for request in BrokerRequest.objects.select_related("match"):
            assert request.match.reviewed_at < request.asked_at <= now
        expired = Achievement.objects.filter(expires_on__lt=timezone.localdate())
        assert set(expired.values_list("title", flat=True)) == {
            row["title"] for row in rows("achievements") if row["valid_days"] < 0
        }

    def test_the_search_answers_the_questions_of_the_benchmark(self):
        rows = Achievement.objects.published()
        among_ten, among_three, asked = 0, 0, 0
        for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
            question = json.loads(line)
            expected = set(rows.filter(title__in=question["expected"]).values_list("pk", flat=True))
            assert len(expected) == len(question["expected"]), question
            keys = find("achievements", question["q"], rows).keys
            asked, among_ten = asked + 1, among_ten + bool(expected & set(keys[:10]))
            among_three += bool(expected & set(keys[:3]))
        assert asked == 60 and among_ten >= 0.95 * asked and among_three >= 0.9 * asked

    def test_logins_file_starts_with_one_login_per_role(self):
        assert self.file["address"].startswith(ADDRESS.rpartition(":")[0])
        assert [login["role"] for login in self.file["logins"][: len(Role)]] == [str(role.label) for role in Role]
        ours = User.objects.exclude(pk=self.other.pk).filter(delegations__isnull=True)
        ours = ours.exclude(username__startswith="bang_")  # who has drafted bids, without a password
        assert {login["username"] for login in self.file["logins"]} == set(ours.values_list("username", flat=True))
        assert all(
            set(login) == {"role", "username", "password", "start_page", "name"} for login in self.file["logins"]
        )
        assert stat.S_IMODE(self.logins_file.stat().st_mode) == 0o600

    def test_joint_officer_represents_every_local_institution(self):
        user = User.objects.get(username=self.file["logins"][0]["username"])
        assert set(Organisation.objects.filter(pk__in=user.scope.institution_ids)) == set(
            Organisation.objects.institutions().filter(is_local=True)
        )

    def test_second_load_changes_nothing_in_few_queries(self):
        before, text = counts(), self.logins_file.read_text(encoding="utf-8")
        with CaptureQueriesContext(connection) as queries:
            again = load_demo_city(logins_file=self.logins_file, address=self.file["address"])
        assert not again.anything
        assert counts() == before
        assert self.logins_file.read_text(encoding="utf-8") == text
        assert len(queries) < 150
        output = StringIO()
        call_command("load_demo_city", stdout=output)
        assert output.getvalue().strip() == "演示数据已在，没有改动。"
        assert self.other.memberships.count() == 1

    @FULL_HASHES
    def test_missing_logins_file_gets_new_passwords(self):
        old = {login["username"]: login["password"] for login in self.file["logins"]}
        another = self.logins_file.with_name("another.json")
        load_demo_city(logins_file=another)
        for login in json.loads(another.read_text(encoding="utf-8"))["logins"]:
            password_hash = User.objects.get(username=login["username"]).password
            hasher = identify_hasher(
                password_hash
            )  # asked itself: `check_password` would hash all of them anew, in full
            assert hasher.verify(login["password"], password_hash)
            assert not hasher.verify(old[login["username"]], password_hash)

    def test_second_load_keeps_changes_of_users(self):
        achievement = Achievement.objects.on_offer().first()
        Achievement.objects.filter(pk=achievement.pk).update(status="withdrawn", status_reason="试用时下架")
        DockingRound.objects.open().update(status="running")
        assert not load_demo_city().anything
        achievement.refresh_from_db()
        assert achievement.status == "withdrawn"
        assert DockingRound.objects.open().get().status == "running"

    def test_the_integrity_check_sees_what_is_planted_and_little_else(self):
        """Planted: a share of 30%, a broker who is the buyer's representative (twice), one address, a declared
        pair, a mistyped name that was corrected, two pairs of doubles of the list. One more may be
        seen in 1,500 contracts."""
        cases = Counter(Case.objects.values_list("signal", "status"))
        planted = Counter(
            {
                ("ownership", "decided"): 1,
                ("interested_person", "decided"): 1,
                ("interested_person", "asked"): 1,
                ("interested_person", "gone"): 1,
                ("affiliates", "decided"): 1,
                ("affiliates", "open"): 1,
                ("same_terms", "open"): 2,
            }
        )
        self.assertFalse(planted - cases)
        self.assertLessEqual((cases - planted).total(), 1, cases - planted)


@pytest.mark.long
def test_without_a_logins_file_there_are_no_passwords_and_other_data_stays(monkeypatch):
    """A part of the load shows it: people come before everything that refers to them."""
    other, output, demo = make.firm_officer(), StringIO(), DemoContext()
    load_organisations(demo)
    load_people(demo, None)
    assert len(demo.people) > 30
    assert [user for user in User.objects.all() if user.has_usable_password()] == [other]
    assert other.memberships.count() == 1
    monkeypatch.setattr("portal.management.commands.load_demo_city.load_demo_city", lambda **_: LoadCounts(demands=1))
    call_command("load_demo_city", force=True, stdout=output)
    assert "加 --logins-file" in output.getvalue()


@pytest.fixture
def logins_file(tmp_path):
    return tmp_path / "kept" / "logins.json"


def test_foreign_data_is_refused_without_force():
    make.firm_officer()
    before = counts()
    with pytest.raises(DemoRefused, match="已有别人的用户或单位"):
        load_demo_city()
    assert counts() == before


def test_account_of_another_user_is_not_taken_over(logins_file):
    user = make.city_officer(username="city")
    with pytest.raises(CommandError, match="用户名“city”已属于演示城市以外的人"):
        call_command("load_demo_city", force=True, logins_file=logins_file)
    user.refresh_from_db()
    assert user.check_password("Demo-pass-2026")
    assert not logins_file.exists()
    assert not Achievement.objects.exists()


def test_generated_passwords_are_valid():
    passwords = {new_password() for _ in range(50)}
    assert len(passwords) == 50
    for password in passwords:
        validate_password(password)
