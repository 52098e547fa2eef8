"""Attacks on obstacles, reports of bureaus, results of trials and published evaluations."""

import itertools
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from mechanism.models import VALUES, Evaluation, Expert, Obstacle, ObstacleKind
from mechanism.services.evaluations import publish_evaluation
from mechanism.services.obstacles import Concern, assign_obstacle, publish_answer, raise_obstacle
from tests import factories as make

pytestmark = pytest.mark.django_db
NAME = "大连藏龙卧虎轴承有限公司"


@pytest.fixture
def firm():
    return make.firm_officer(make.organisation("firm", NAME, short_name="藏龙轴承", stat_region=make.region("jinpu")))


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def pair(firm):
    """A pair of an anonymous demand of the firm with an achievement; both sides have agreed."""
    demand = make.demand(firm=organisation_of(firm), is_anonymous=True, public_alias="某轴承企业", title="保持架磨损")
    office = make.institution_officer()
    achievement = make.achievement(institution=organisation_of(office), title="耐磨涂层")
    match = make.match(
        demand=demand, achievement=achievement, status="accepted", reviewed_by=office, reviewed_at=timezone.now()
    )
    return make.follow_up(match), office


def organisation_of(user):
    return user.memberships.get().organisation


def obstacle(user, **concern) -> Obstacle:
    kind = ObstacleKind.objects.get(name="审批")
    words = "我们藏龙卧虎的保持架要做环评。"
    return raise_obstacle(
        organisation=organisation_of(user), kind=kind, text=words, by=user, concern=Concern(**concern)
    )


def answered(row: Obstacle, city) -> Obstacle:
    bureau = make.bureau_officer()
    assign_obstacle(row, solver=organisation_of(bureau), by=city)
    Obstacle.objects.filter(pk=row.pk).update(
        status="answered", answer="可以并联审查。", answered_by=bureau, answered_at=timezone.now()
    )
    row.refresh_from_db()
    return row


def test_no_name_and_no_personal_data_is_published(firm, city):
    make.organisation("firm", "大连远洋重工有限公司", short_name="远洋重工")
    row = answered(obstacle(firm), city)
    for words in (
        f"{NAME}的环评怎么办？",
        "藏 龙 卧 虎 的环评怎么办？",
        "藏龙轴承的环评怎么办？",
        "cang long wo hu 的环评怎么办？",
        "藏龍臥虎的环评怎么办？",
        "某企业的环评怎么办？找 13904110001",
        "别家远洋重工的环评怎么办？",
    ):
        for texts in ({"text": words, "answer": "可以。"}, {"text": "环评怎么办？", "answer": words}):
            with pytest.raises(ValidationError):
                publish_answer(row, by=city, **texts)
            assert not Obstacle.objects.published().exists(), texts


def test_the_proposal_of_the_form_is_masked(client, firm, city):
    row = answered(obstacle(firm), city)
    client.force_login(city)
    form = next(
        form
        for form in client.get(reverse("obstacle", args=[row.public_id])).context["forms"]
        if form.step == "publish"
    )
    assert "藏龙卧虎" not in form["text"].value() and "环评" in form["text"].value()


def test_the_other_side_and_the_office_do_not_join_firm_and_demand(client, firm, city, pair):
    follow_up, office = pair
    row = answered(obstacle(firm, follow_up=follow_up), city)
    client.force_login(office)  # the institution knows the pair, not the firm's obstacle
    assert client.get(reverse("obstacle", args=[row.public_id])).status_code == 404
    assert "藏龙" not in client.get(reverse("obstacles")).content.decode()
    client.force_login(row.answered_by)  # the office knows the firm, not the pair
    page = client.get(reverse("obstacle", args=[row.public_id])).content.decode()
    assert NAME in page and "耐磨涂层" not in page and follow_up.public_id not in page


def test_an_obstacle_of_an_institution_does_not_tell_the_office_the_firm(client, firm, city, pair):
    follow_up, office = pair
    kind = ObstacleKind.objects.first()
    row = raise_obstacle(
        organisation=organisation_of(office), kind=kind, text="对方要独占", by=office,
        concern=Concern(follow_up=follow_up),
    )  # fmt: skip
    row = answered(row, city)
    with pytest.raises(ValidationError, match="藏龙"):  # the firm of the pair is looked for, too
        publish_answer(row, text="藏龙卧虎要独占怎么办？", answer="可以约定期限。", by=city)
    client.force_login(row.answered_by)
    assert "藏龙" not in client.get(reverse("obstacle", args=[row.public_id])).content.decode()


@pytest.mark.long
def test_a_made_up_record_is_refused_or_ignored(client, firm):
    client.force_login(firm)
    kind, organisation = ObstacleKind.objects.first(), organisation_of(firm).public_id
    made_up = ("aaaaaaaaaa", "' OR 1=1", "\x00", "<script>alert(1)</script>")
    for field, value in itertools.product(("follow_up", "deal", "base_request", "policy"), made_up):
        shown = client.get(reverse("obstacle_new"), {field: value})
        assert shown.status_code == 200 and "<script>alert" not in shown.content.decode(), (field, value)
        assert field not in shown.context["form"].initial, value
        sent = {"kind": kind.pk, "text": "卡住了", "organisation": organisation, field: value}
        assert client.post(reverse("obstacle_new"), sent).status_code == 422, (field, value)
    assert not Obstacle.objects.exists()


def test_nobody_raises_for_another_or_about_what_is_not_theirs(client, firm, pair):
    follow_up, _office = pair
    stranger = make.firm_officer(make.firm("大连旁观有限公司"))
    client.force_login(stranger)
    kind = ObstacleKind.objects.first()
    own, other = (organisation_of(user).public_id for user in (stranger, firm))
    sent = {"kind": kind.pk, "text": "卡住了"}
    assert client.post(reverse("obstacle_new"), sent | {"organisation": other}).status_code == 422
    refused = client.post(reverse("obstacle_new"), sent | {"organisation": own, "follow_up": follow_up.public_id})
    assert refused.status_code == 422 and "保持架" not in refused.content.decode()
    with pytest.raises(PermissionDenied):
        obstacle(stranger, follow_up=follow_up)


def test_words_are_escaped_and_invisible_ones_are_nothing(client, firm, city):
    with pytest.raises(ValidationError):
        raise_obstacle(
            organisation=organisation_of(firm), kind=ObstacleKind.objects.first(), text="\u200b\u202e \x07", by=firm
        )
    row = raise_obstacle(
        organisation=organisation_of(firm), kind=ObstacleKind.objects.first(), text="<img src=x onerror=a>", by=firm
    )
    client.force_login(city)
    for page in (reverse("obstacles"), reverse("obstacle", args=[row.public_id])):
        assert "<img src=x" not in client.get(page).content.decode()


@pytest.mark.parametrize("query", [{"kind": "9" * 30}, {"show": "x'"}, {"q": "%_\\"}, {"page": "-1"}, {"q": "\x00"}])
def test_hostile_filters(client, firm, query):
    obstacle(firm)
    client.force_login(firm)
    assert client.get(reverse("obstacles"), query).status_code == 200
    assert client.get(reverse("obstacle_answers"), query).status_code == 200


def test_the_public_page_reads_no_raiser(client, firm, city):
    row = answered(obstacle(firm), city)
    publish_answer(row, text="环评能并联吗？", answer="可以并联审查。", by=city)
    page = client.get(reverse("obstacle_answers")).content.decode()
    assert "环评能并联吗？" in page
    for secret in (NAME, "藏龙", "保持架", "金普"):
        assert secret not in page


def evaluation_of(achievement, city) -> Evaluation:
    row = Evaluation.objects.create(
        achievement=achievement, due_on=timezone.localdate() + timedelta(days=9), status="finished", opened_by=city,
        finished_at=timezone.now(), conclusion="工艺窗口窄，建议补充中试。",
        **{f"{value}_weight": 20 for value in VALUES},
    )  # fmt: skip
    for number in range(3):
        expert = Expert.objects.create(name=f"甘专家{number}", unit="外地院")
        marks = dict.fromkeys(VALUES, 83 + number) | {"reasons": dict.fromkeys(VALUES, "依据充分")}
        row.opinions.create(expert=expert, status="marked", answered_at=timezone.now(), **marks)
    expert = Expert.objects.create(name="甘回避", unit="同组")
    row.opinions.create(expert=expert, status="recused", recused_reason="同一课题", answered_at=timezone.now())
    return row


def test_an_evaluation_is_public_only_by_its_institution_and_only_in_part(client, city):
    office = make.institution_officer()
    achievement = make.achievement(institution=organisation_of(office))
    row = evaluation_of(achievement, city)
    page = reverse("achievement_detail", args=[achievement.public_id])
    assert "第三方评价" not in client.get(page).content.decode()
    stranger = make.institution_officer(make.institution("大连海事大学"))
    for user in (city, stranger, make.firm_officer(), make.auditor()):
        with pytest.raises(PermissionDenied):
            publish_evaluation(row, is_public=True, by=user)
    client.force_login(office)
    own = client.get(page).content.decode()
    assert "工艺窗口窄" in own and "84.0" in own and "公开等级和专家人数" in own
    client.post(reverse("evaluation_publish", args=[row.public_id]), {"public": "yes"})
    client.logout()
    text = client.get(page).content.decode()
    assert "良好" in text and "3 位" in text and "1 位主动回避" in text and "市科技局" in text
    for secret in ("工艺窗口窄", "84.0", "甘专家", "甘回避", "同一课题", "评价报告"):
        assert secret not in text
    client.force_login(stranger)
    assert "工艺窗口窄" not in client.get(page).content.decode()
    assert client.get(reverse("evaluation_report", args=[row.public_id])).status_code == 404
    client.force_login(city)
    assert reverse("admin:mechanism_evaluation_page", args=[row.public_id]) in client.get(page).content.decode()
    assert page in client.get(reverse("admin:mechanism_evaluation_page", args=[row.public_id])).content.decode()


def test_an_open_evaluation_is_on_no_page(client, city):
    achievement = make.achievement()
    row = evaluation_of(achievement, city)
    Evaluation.objects.filter(pk=row.pk).update(status="asking", conclusion="", finished_at=None)
    row.refresh_from_db()
    with pytest.raises(ValidationError, match="完成以后"):
        publish_evaluation(row, is_public=True, by=make.institution_officer(achievement.institution))
    client.force_login(city)
    page = client.get(reverse("achievement_detail", args=[achievement.public_id])).content.decode()
    assert "第三方评价" not in page
