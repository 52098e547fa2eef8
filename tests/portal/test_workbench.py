"""The workbench by role: own records, open work, the next step, bulk submission."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, SignUp
from accounts.services.members import add_member
from achievements.models import Achievement
from achievements.services.review import return_achievement
from demands.models import Demand
from matching.models import BrokerRequest, Question
from matching.services.broker_requests import answer_broker_request, ask_broker
from matching.services.questions import ask_question
from matching.services.review import accept_match
from open_work.sources import summaries_of
from portal.dashboard import RoleDashboard, dashboards_for, most_urgent_step
from rounds.models import Party
from tests import factories
from tests.browser_client import one_line
from tests.portal.form_posts import next_messages

pytestmark = pytest.mark.django_db

SECRET = "大连瓦轴示例有限公司"


@pytest.fixture
def as_user(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def page(client, name="workbench", query="") -> str:
    response = client.get(reverse(name) + query)
    assert response.status_code == 200
    return one_line(response.content.decode())


def dashboards(user) -> list[RoleDashboard]:
    return dashboards_for(user, summaries_of(user))


def numbers(user) -> dict[str, int]:
    return {count.label: count.number for dashboard in dashboards(user) for count in dashboard.counts}


def waiting(user) -> dict[str, int]:
    return {summary.work.label: summary.number for summary in summaries_of(user)}


def draft(institution, **fields) -> Achievement:
    return factories.achievement(registered=False, institution=institution, **fields)


def returned(institution) -> Achievement:
    record = draft(institution, status="city_review")
    return_achievement(record, by=factories.city_officer(), reason="请补充检测依据")
    return record


def accepted(**sides):
    match = factories.match(**sides)
    accept_match(match, by=factories.city_officer())
    return match


def broker_user():
    user = factories.user(Role.BROKER, factories.organisation("agency", "示例技术转移中心"))
    return user, factories.broker(user=user)


def broker_request(match=None):
    user, broker = broker_user()
    return user, ask_broker(match or accepted(), broker=broker, by=factories.city_officer(), note="先了解工况")


# --- Access ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["workbench", "my_achievements", "my_demands", "achievement_new", "demand_new"])
def test_anonymous_users_are_redirected_to_login(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("login"))


def test_user_without_role_sees_a_notice(as_user):
    assert "您的账号还没有角色" in page(as_user(factories.user()))


# --- Institutions ------------------------------------------------------------------------------------------------
def test_institution_dashboard_counts_own_achievements(as_user):
    here, there = factories.institution(), factories.institution("大连海事大学")
    draft(here), returned(here), draft(here, status="city_review"), factories.achievement(institution=here)
    draft(there), factories.achievement(institution=there)
    officer = factories.institution_officer(here)
    assert numbers(officer) == {"草稿": 1, "被退回": 1, "待市科技局审核": 1, "已入库": 1}
    html = page(as_user(officer))
    assert f"{reverse('my_achievements')}?status=returned" in html
    assert reverse("achievement_new") in html
    assert reverse("import_start", args=["achievements"]) in html


@pytest.mark.long
def test_next_step_of_an_institution_by_urgency():
    here = factories.institution()
    officer = factories.institution_officer(here)

    def step():
        return most_urgent_step(dashboards(officer))

    assert (step().url, step().is_urgent) == (reverse("achievement_new"), False)
    draft(here)
    assert step().url.endswith("?status=draft")
    draft(here, status="office_review")
    assert step().url.endswith("?status=office_review")
    returned(here)
    assert step().url.endswith("?status=returned")


def test_institution_sees_own_accepted_matches_with_the_public_firm_name(as_user):
    here = factories.institution()
    hidden = factories.demand(
        firm=factories.firm(SECRET), is_anonymous=True, public_alias="金普新区某轴承企业", title="瓦轴示例的密封圈"
    )
    accepted(achievement=factories.achievement(institution=here), demand=hidden)
    factories.match(
        achievement=factories.achievement(institution=here), demand=factories.demand(title="还没采纳的需求")
    )
    elsewhere = factories.achievement(institution=factories.institution("大连海事大学"))
    accepted(achievement=elsewhere, demand=factories.demand(title="别人的需求"))
    html = page(as_user(factories.institution_officer(here)))
    assert "金普新区某轴承企业" in html
    assert "本企业" in html  # replaces the firm's name in the title of its demand
    for not_for_them in (SECRET, "瓦轴示例", "还没采纳的需求", "别人的需求"):
        assert not_for_them not in html


def test_side_without_access_has_no_link(as_user):
    match = accepted()
    Demand.objects.filter(pk=match.demand.pk).update(status="closed", status_reason="企业已自行解决")
    html = page(as_user(factories.institution_officer(match.achievement.institution)))
    assert match.demand.title in html
    assert reverse("demand_detail", args=[match.demand.public_id]) not in html
    assert reverse("achievement_detail", args=[match.achievement.public_id]) in html


# --- A firm ------------------------------------------------------------------------------------------------------
def test_dashboard_limits_matches_and_links_to_all(as_user):
    officer = factories.institution_officer()
    institution_id = next(iter(officer.scope.institution_ids))
    for number in range(6):
        accepted(achievement=factories.achievement(institution_id=institution_id, title=f"本单位成果{number}"))
    accepted(achievement=factories.achievement(institution=factories.institution("大连大学"), title="别家成果"))
    client = as_user(officer)
    desk, everything = page(client), page(client, "my_matches")
    assert reverse("my_matches") in desk
    assert sum(f"本单位成果{number}" in desk for number in range(6)) == 5
    assert sum(f"本单位成果{number}" in everything for number in range(6)) == 6 and "共 6 条" in everything
    assert "别家成果" not in desk + everything


def test_other_users_have_no_matches(as_user):
    accepted()
    for user in (factories.firm_officer(), factories.district_officer(), factories.city_officer()):
        assert "还没有已采纳的匹配" in page(as_user(user), "my_matches")


def test_dashboard_shows_returned_records_with_the_reason(as_user):
    officer = factories.institution_officer()
    record = returned(officer.memberships.get().organisation)
    text = page(as_user(officer))
    assert "退回原因：请补充检测依据" in text and reverse("achievement_edit", args=[record.public_id]) in text


@pytest.mark.long
def test_staff_dashboards_link_to_permitted_forms(as_user):
    links = {"achievement_new": False, "demand_new": True}
    district = page(as_user(factories.district_officer()))
    assert {name: reverse(name) in district for name in links} == links
    city = page(as_user(factories.city_officer()))
    assert all(reverse(name) in city for name in links)
    auditor = page(as_user(factories.auditor()))
    assert not any(reverse(name) in auditor for name in links)


@pytest.mark.parametrize("name", ["workbench", "my_achievements", "my_matches", "achievement_new"])
def test_menu_marks_the_workbench(as_user, name):
    text = page(as_user(factories.institution_officer()), name)
    assert f'<a href="{reverse("workbench")}" aria-current="page">工作台</a>' in text
    assert text.count('aria-current="page">工作台') == 1


def test_firm_dashboard_counts_own_demands_and_shows_accepted_matches(as_user):
    firm = factories.firm()
    match = accepted(demand=factories.demand(firm=firm))
    factories.demand(firm=firm, published=False), factories.demand(published=False)
    proposed = factories.match(demand=match.demand, achievement=factories.achievement(title="只是推荐的成果"))
    officer = factories.firm_officer(firm)
    assert numbers(officer) == {"草稿": 1, match.demand.get_status_display(): 1}
    html = page(as_user(officer))
    assert match.achievement.title in html
    assert proposed.achievement.title not in html
    assert reverse("demand_new") in html


# --- A broker ----------------------------------------------------------------------------------------------------
@pytest.mark.long
def test_broker_accepts_a_request(as_user):
    user, request = broker_request()
    client = as_user(user)
    html = page(client)
    assert request.match.achievement.title in html
    assert request.match.demand.title in html
    assert "先了解工况" in html
    response = client.post(
        reverse("request_answer", args=[request.public_id]), {"answer": "accept", "note": "本周上门"}
    )
    assert response["Location"] == reverse("workbench")
    request.refresh_from_db()
    assert (request.status, request.note) == ("taken", "本周上门")
    html = page(client)
    assert "跟进中的匹配" in html
    assert reverse("request_answer", args=[request.public_id]) not in html


def test_broker_request_is_answered_once(as_user):
    user, request = broker_request()
    client, url = as_user(user), reverse("request_answer", args=[request.public_id])
    client.post(url, {"answer": "decline"})
    assert "已经答复过" in next_messages(client.post(url, {"answer": "accept"}))
    request.refresh_from_db()
    assert request.status == BrokerRequest.Status.DECLINED


@pytest.mark.parametrize("answer", ["", "perhaps"])
def test_invalid_broker_answer_changes_nothing(as_user, answer):
    user, request = broker_request()
    response = as_user(user).post(reverse("request_answer", args=[request.public_id]), {"answer": answer})
    request.refresh_from_db()
    assert (request.status, "请选择接受或谢绝" in next_messages(response)) == ("asked", True)


def test_other_users_cannot_answer_a_broker_request(as_user):
    _user, request = broker_request()
    url = reverse("request_answer", args=[request.public_id])
    other, _broker = broker_user()
    for somebody, status in [(other, 404), (factories.firm_officer(), 404), (factories.city_officer(), 403)]:
        assert as_user(somebody).post(url, {"answer": "accept"}).status_code == status
    request.refresh_from_db()
    assert request.status == "asked"


# --- Staff -------------------------------------------------------------------------------------------------------
def sign_up(region: str) -> SignUp:
    return SignUp.objects.create(
        firm_name=f"申请企业{SignUp.objects.count()}",
        credit_code=f"91210200TEST{SignUp.objects.count():06}",
        stat_region=factories.region(region),
        username=f"asks{SignUp.objects.count()}",
        name="示例人",
        phone="0411-00000000",
        consented_at=timezone.now(),
    )


def test_district_dashboard_counts_open_work_of_own_firms(as_user):
    for region in ("jinpu", "gaoxin"):
        firm = factories.firm(region_code=region)
        factories.demand(firm=firm, published=False, status="district_review")
        factories.match(demand=factories.demand(firm=firm))
        sign_up(region)
    officer = factories.district_officer()
    assert waiting(officer) == {"待审核的企业注册": 1, "待初审的需求": 1, "待审核的匹配": 1}
    html = page(as_user(officer))
    for model, status in [
        ("accounts_signup", "submitted"),
        ("demands_demand", "district_review"),
    ]:
        url = reverse(f"admin:{model}_changelist") + f"?status__exact={status}"
        assert url in html
        assert as_user(officer).get(url).status_code == 200  # the admin redirects for an unknown filter
    assert reverse("admin:matching_triage_needs") in html
    assert reverse("import_start", args=["demands"]) in html
    assert reverse("import_start", args=["brokers"]) not in html


@pytest.mark.long
def test_city_dashboard_counts_open_work_and_links_to_imports(as_user):
    draft(factories.institution(), status="city_review")
    factories.demand(published=False, status="district_review")
    gathering = factories.docking_round(name="轴承专场对接会")
    counts = {"achievements": 524, "demands": 107, "matches": 1850, "new_matches": 12, "demands_without_match": 7}
    factories.match_run(title="轴承专场批次", status="done", finished_at=timezone.now(), counts=counts)
    officer = factories.city_officer()
    assert waiting(officer)["待入库的成果"] == waiting(officer)["待初审的需求"] == 1
    html = page(as_user(officer))
    url = reverse("admin:achievements_achievement_changelist") + "?status__exact=city_review"
    assert url in html
    assert as_user(officer).get(url).status_code == 200
    assert gathering.name in html
    assert "107 项需求对 524 项成果，找到 1,850 条匹配，其中新增 12 条；7 项需求没有候选" in html
    for kind in ("achievements", "demands", "agencies", "brokers"):
        assert reverse("import_start", args=[kind]) in html


def test_auditor_dashboard_has_no_imports(as_user):
    html = page(as_user(factories.auditor()))
    assert reverse("admin:audit_auditrecord_changelist") in html
    assert "/workbench/import/" not in html


def test_sysadmin_dashboard_links_to_accounts(as_user):
    html = page(as_user(factories.sysadmin()))
    assert reverse("admin:accounts_user_changelist") in html
    assert "待办" not in html


def test_running_round_is_the_next_step():
    officer = factories.institution_officer()
    institution = officer.memberships.get().organisation
    returned(institution)
    docking_round = factories.docking_round(name="秋季对接会", status="running")
    party = factories.party(docking_round, institution)
    step = most_urgent_step(dashboards(officer))
    assert "“秋季对接会”正在进行" in step.sentence
    assert step.url == reverse("my_day", args=[party.public_id])
    Party.objects.update(absent_at=timezone.now())
    assert "退回" in most_urgent_step(dashboards(officer)).sentence


def test_two_roles_have_two_dashboards_and_one_next_step(as_user):
    officer = factories.institution_officer()
    add_member(officer, factories.organisation("agency", "示例技术转移中心"), Role.BROKER, by=None)
    assert [dashboard.role for dashboard in dashboards(officer)] == [Role.INSTITUTION, Role.BROKER]
    assert page(as_user(officer)).count("btn-p") == 1


# --- My records --------------------------------------------------------------------------------------------------
def test_my_records_shows_own_records_only(as_user):
    here = factories.institution()
    mine = [draft(here), factories.achievement(institution=here)]
    other = factories.achievement(institution=factories.institution("大连海事大学"))
    html = page(as_user(factories.institution_officer(here)), "my_achievements")
    assert all(record.title in html for record in mine)
    assert other.title not in html


def test_my_records_is_empty_for_staff(as_user):
    record = draft(factories.institution())
    assert record.title not in page(as_user(factories.city_officer()), "my_achievements")
    assert factories.demand().title not in page(as_user(factories.district_officer()), "my_demands")


def test_my_records_by_status(as_user):
    here = factories.institution()
    plain, back, waiting = draft(here), returned(here), draft(here, status="city_review")
    client = as_user(factories.institution_officer(here))
    for state, shown in [("draft", plain), ("returned", back), ("city_review", waiting)]:
        html = page(client, "my_achievements", f"?status={state}")
        assert [record for record in (plain, back, waiting) if record.title in html] == [shown], state
    assert "退回原因：请补充检测依据" in page(client, "my_achievements")
    assert "没有这个状态的成果" in page(client, "my_achievements", "?status=paused")
    everything = page(client, "my_achievements", "?status=nonsense&page=x")
    assert all(record.title in everything for record in (plain, back, waiting))


def test_my_records_pagination_keeps_the_status(as_user):
    here = factories.institution()
    made = [draft(here) for _ in range(23)]
    html = page(as_user(factories.institution_officer(here)), "my_achievements", "?status=draft")
    assert sum(record.title in html for record in made) >= 20
    assert "第 1 页，共 2 页" in html
    assert "?status=draft&amp;page=2" in html


@pytest.mark.parametrize(("name", "make"), [("my_achievements", "achievement"), ("my_demands", "demand")])
def test_record_under_review_can_be_opened_but_not_submitted(as_user, name, make):
    firm, here = factories.firm(), factories.institution()
    record = (
        draft(here, status="city_review")
        if make == "achievement"
        else factories.demand(firm=firm, published=False, status="district_review")
    )
    officer = factories.institution_officer(here) if make == "achievement" else factories.firm_officer(firm)
    html = page(as_user(officer), name)
    assert reverse(f"{make}_edit", args=[record.public_id]) in html
    assert reverse(f"{make}_submit", args=[record.public_id]) not in html


# --- Submission --------------------------------------------------------------------------------------------------
def states(items) -> list[str]:
    return [type(record).objects.get(pk=record.pk).status for record in items]


def test_all_drafts_except_returned_ones_are_submitted(as_user):
    here, there = factories.institution(), factories.institution("大连海事大学")
    mine = [draft(here), draft(here)]
    others = [returned(here), draft(there), draft(here, status="office_review")]
    response = as_user(factories.institution_officer(here)).post(
        reverse("achievements_submit"), {"all": "draft", "confirmed": "1"}
    )
    assert "已提交 2 项成果" in next_messages(response)
    assert states(mine) == ["city_review"] * 2
    assert states(others) == ["draft", "draft", "office_review"]


def test_changed_returned_draft_is_submitted_with_the_others(as_user):
    here = factories.institution()
    back = returned(here)
    back.refresh_from_db()
    back.save()  # changed since it was returned
    as_user(factories.institution_officer(here)).post(
        reverse("achievements_submit"), {"all": "draft", "confirmed": "1"}
    )
    assert states([back]) == ["city_review"]


def test_imported_achievements_are_submitted_at_once(as_user):
    here = factories.institution()
    imported = [draft(here, status="office_review"), draft(here, status="office_review")]
    as_user(factories.institution_officer(here)).post(
        reverse("achievements_submit"), {"all": "office_review", "confirmed": "1"}
    )
    assert states(imported) == ["city_review"] * 2


def test_ticked_records_are_submitted_once(as_user):
    firm = factories.firm()
    ticked, left = factories.demand(firm=firm, published=False), factories.demand(firm=firm, published=False)
    client = as_user(factories.firm_officer(firm))
    sent = {"chosen": [ticked.public_id]}
    assert "已提交 1 项需求" in next_messages(client.post(reverse("demands_submit"), sent))
    assert "已经提交过" in next_messages(client.post(reverse("demands_submit"), sent))
    assert states([ticked, left]) == ["district_review", "draft"]


def test_submission_without_ticked_records_changes_nothing(as_user):
    record = factories.demand(published=False)
    response = as_user(factories.firm_officer(record.firm)).post(reverse("demands_submit"), {"all": "published"})
    assert "请先勾选" in next_messages(response)
    assert states([record]) == ["draft"]


@pytest.mark.parametrize("name", ["achievement", "demand"])
def test_foreign_record_among_ticked_ones_is_404_and_changes_nothing(as_user, name):
    here, firm = factories.institution(), factories.firm()
    if name == "achievement":
        own, foreign, user = (
            draft(here),
            draft(factories.institution("大连海事大学")),
            factories.institution_officer(here),
        )
    else:
        own, foreign = factories.demand(firm=firm, published=False), factories.demand(published=False)
        user = factories.firm_officer(firm)
    client = as_user(user)
    response = client.post(reverse(f"{name}s_submit"), {"chosen": [own.public_id, foreign.public_id]})
    assert response.status_code == 404
    assert client.post(reverse(f"{name}_submit", args=[foreign.public_id])).status_code == 404
    assert states([own, foreign]) == ["draft", "draft"]


def test_second_submission_of_a_record_shows_its_status(as_user):
    record = draft(factories.institution())
    client, url = (
        as_user(factories.institution_officer(record.institution)),
        reverse("achievement_submit", args=[record.public_id]),
    )
    response = client.post(url)
    assert (response["Location"], states([record])) == (reverse("my_achievements"), ["city_review"])
    again = client.post(url)
    assert again["Location"] == reverse("achievement_edit", args=[record.public_id])
    assert "现在是“待市科技局审核”" in next_messages(again)


def test_city_submits_an_achievement_to_its_institution(as_user):
    record = draft(factories.institution())
    response = as_user(factories.city_officer()).post(reverse("achievement_submit", args=[record.public_id]))
    assert (response["Location"], states([record])) == (
        reverse("achievement_edit", args=[record.public_id]),
        ["office_review"],
    )


def test_auditor_cannot_submit(as_user):
    record = draft(factories.institution())
    assert as_user(factories.auditor()).post(reverse("achievement_submit", args=[record.public_id])).status_code == 403
    assert states([record]) == ["draft"]


@pytest.mark.parametrize("name", ["achievements_submit", "demands_submit"])
def test_submission_needs_post(as_user, name):
    assert as_user(factories.city_officer()).get(reverse(name)).status_code == 405


# --- Cost --------------------------------------------------------------------------------------------------------
def more_of_everything(user, broker, here, firm):
    draft(here), returned(here), factories.demand(firm=firm, published=False)
    match = accepted(achievement=factories.achievement(institution=here), demand=factories.demand(firm=firm))
    ask_broker(match, broker=broker, by=factories.city_officer())
    taken = ask_broker(accepted(), broker=broker, by=factories.city_officer())
    answer_broker_request(taken, accept=True, by=user)
    factories.match(), factories.docking_round()


@pytest.mark.long
def test_workbench_query_count_is_constant(as_user):
    user, broker = broker_user()
    here, firm = factories.institution(), factories.firm()
    for role, of in [(Role.INSTITUTION, here), (Role.FIRM, firm)]:
        add_member(user, of, role, by=None)
    people = {"everything": user, "city": factories.city_officer(), "district": factories.district_officer()}
    costs = {}
    for more in (1, 2):
        for _ in range(more):
            more_of_everything(user, broker, here, firm)
        for who, somebody in people.items():
            for name in ("workbench", "my_achievements", "my_demands"):
                client = as_user(somebody)
                with CaptureQueriesContext(connection) as queries:
                    page(client, name)
                costs.setdefault((who, name), []).append(len(queries))
    assert all(first == second <= 50 for first, second in costs.values()), costs


def test_open_work_is_counted_once_for_a_page(as_user):
    """The part of a bureau begins with it, and the list of what waits shows it."""
    client = as_user(factories.bureau_officer())
    with CaptureQueriesContext(connection) as queries:
        page(client)
    assert sum("JSON_OBJECT" in query["sql"] or "JSONB_BUILD_OBJECT" in query["sql"] for query in queries) == 1


def test_bulk_submission_query_count_is_constant(as_user):
    here = factories.institution()
    client = as_user(factories.institution_officer(here))
    costs = []
    for number in (1, 3):
        for _ in range(number):
            draft(here)
        with CaptureQueriesContext(connection) as queries:
            client.post(reverse("achievements_submit"), {"all": "draft", "confirmed": "1"})
        costs.append(len(queries))
    assert costs[0] == costs[1]


class TestQuestions:
    """Questions of reviewers to a firm or an institution before a decision."""

    @pytest.fixture
    def question(self):
        match = factories.match()
        ask_question(match, side="firm", text="一年需要多少吨？", by=factories.district_officer())
        return Question.objects.get()

    def test_question_is_on_the_dashboard_of_the_asked_side_only(self, as_user, question):
        firm, office = question.match.demand.firm, question.match.achievement.institution
        html = page(as_user(factories.firm_officer(firm)))
        assert "一年需要多少吨？" in html and question.match.achievement.title not in html
        assert "有 1 个问题等您答复" in html
        assert "一年需要多少吨？" not in page(as_user(factories.institution_officer(office)))

    @pytest.mark.long
    def test_question_is_answered_once(self, as_user, question):
        client = as_user(factories.firm_officer(question.match.demand.firm))
        address = reverse("question_answer", args=[question.public_id])
        assert "请写下答复" in client.post(address, {"answer": " "}, follow=True).text
        assert "已提交答复" in client.post(address, {"answer": "800 吨"}, follow=True).text
        assert "已经答复过" in client.post(address, {"answer": "900 吨"}, follow=True).text
        question.refresh_from_db()
        assert question.answer == "800 吨"
