"""Evaluations from invitation to report: recusal, independent marks, spread, conclusion."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from achievements.models import Completer
from mechanism.models import VALUES, Evaluation, Expert
from mechanism.services.evaluations import (
    cancel_evaluation,
    evaluation_result,
    find_recusal_reasons,
    finish_evaluation,
    invite_expert,
    open_evaluation,
    recuse_expert,
    submit_marks,
)
from rounds.papers import pdf
from tests import factories as make
from tests.browser_client import readable

pytestmark = pytest.mark.django_db
REASONS = {value: f"{label}突出，有依据" for value, label in VALUES.items()}


@pytest.fixture
def city():
    return make.city_officer()


@pytest.fixture
def item():
    return make.achievement(institution=make.institution("大连理工大学"), lead_person="欧阳某")


@pytest.fixture
def experts():
    return [Expert.objects.create(name=f"专家{n}", unit=f"示例研究院{n}") for n in range(4)]


def marks(number: int) -> dict:
    return dict.fromkeys(VALUES, number)


def test_marks_are_hidden_until_finished_and_then_summarised(item, experts, city, client):
    evaluation = open_evaluation(item, experts=experts[:3], by=city)
    for opinion, number in zip(evaluation.opinions.all(), (60, 80, 91), strict=True):
        submit_marks(opinion, marks=marks(number), reasons=REASONS)
    assert evaluation_result(evaluation) is None
    client.force_login(city)
    page = reverse("admin:mechanism_evaluation_page", args=[evaluation.public_id])
    assert ">91<" not in readable(client.get(page))
    assert client.get(reverse("admin:mechanism_evaluation_report", args=[evaluation.public_id])).status_code == 404
    finish_evaluation(evaluation, conclusion="技术成熟，建议中试。", by=city)
    result = evaluation_result(evaluation)
    assert result.total == 77.0 and result.totals == (60.0, 80.0, 91.0)
    assert result.values["science"].is_disputed and result.values["science"].deviation == 12.8
    assert ">91<" in readable(client.get(page))


@pytest.mark.long
def test_report_is_a_pdf_for_the_institution(item, experts, city, client, monkeypatch):
    evaluation = open_evaluation(item, experts=experts[:3], by=city)
    for opinion in evaluation.opinions.all():
        submit_marks(opinion, marks=marks(70), reasons=REASONS)
    finish_evaluation(evaluation, conclusion="技术成熟，建议中试。", by=city)
    office = make.institution_officer(item.institution)
    client.force_login(office)
    answer = client.get(reverse("evaluation_report", args=[evaluation.public_id]))
    assert answer.content.startswith(b"%PDF")
    client.force_login(make.institution_officer(make.institution("大连海事大学")))
    assert client.get(reverse("evaluation_report", args=[evaluation.public_id])).status_code == 404
    monkeypatch.setattr(pdf, "missing_characters", lambda document: ["连"])
    for name, reader in (("evaluation_report", office), ("admin:mechanism_evaluation_report", city)):
        client.force_login(reader)
        answer = client.get(reverse(name, args=[evaluation.public_id]))
        assert answer.status_code == 503 and "没有能显示“连”的字体" in answer.text


def test_experts_with_a_reason_for_recusal_are_rejected_by_name(item, experts, city):
    same_unit = Expert.objects.create(name="甲", unit="大连理工大学化工学院")
    the_lead = Expert.objects.create(name="欧阳某", unit="别处研究所")
    Completer.objects.create(achievement=item, name="诸葛某")
    other = make.achievement(lead_person="乙")
    Completer.objects.create(achievement=other, name="诸葛某")
    co_author = Expert.objects.create(name="乙", unit="某某大学")
    assert find_recusal_reasons(same_unit, item) == ["与完成单位“大连理工大学”是同一单位"]
    assert find_recusal_reasons(the_lead, item) == ["与成果的主要完成人同名"]
    assert find_recusal_reasons(co_author, item) == ["与主要完成人诸葛某共同完成过其他成果"]
    assert find_recusal_reasons(experts[0], item) == []
    with pytest.raises(ValidationError, match=r"甲.*应当回避"):
        open_evaluation(item, experts=[*experts[:2], same_unit], by=city)
    evaluation = open_evaluation(item, experts=experts[:3], by=city)
    with pytest.raises(ValidationError, match=r"欧阳某.*应当回避"):
        invite_expert(evaluation, expert=the_lead, by=city)


def test_a_recused_expert_cannot_mark_and_another_is_invited(item, experts, city):
    evaluation = open_evaluation(item, experts=experts[:3], by=city)
    first, second, third = evaluation.opinions.all()
    recuse_expert(first, reason="与完成人是师生")
    with pytest.raises(ValidationError, match="已经答复过"):
        submit_marks(first, marks=marks(90), reasons=REASONS)
    submit_marks(second, marks=marks(70), reasons=REASONS)
    submit_marks(third, marks=marks(72), reasons=REASONS)
    with pytest.raises(ValidationError, match="至少需要 3 位"):
        finish_evaluation(evaluation, conclusion="够了", by=city)
    submit_marks(invite_expert(evaluation, expert=experts[3], by=city), marks=marks(74), reasons=REASONS)
    finish_evaluation(evaluation, conclusion="技术成熟。", by=city)
    assert evaluation_result(evaluation).total == 72.0
    with pytest.raises(ValidationError, match="已经结束"):
        cancel_evaluation(evaluation, reason="不要了", by=city)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"science": 101}, "0–100 的整数"),
        ({"culture": None}, "文化价值"),
        ({"economy": True and 70.5}, "经济价值"),
    ],
)
def test_marks_must_be_integers_and_complete(item, experts, city, given, words):
    opinion = open_evaluation(item, experts=experts[:3], by=city).opinions.first()
    with pytest.raises(ValidationError, match=words):
        submit_marks(opinion, marks=marks(70) | given, reasons=REASONS)
    with pytest.raises(ValidationError, match="写一句理由"):
        submit_marks(opinion, marks=marks(70), reasons=REASONS | {"science": "好"})


def test_opening_requires_city_staff_three_experts_and_full_weights(item, experts, city):
    with pytest.raises(PermissionDenied):
        open_evaluation(item, experts=experts[:3], by=make.district_officer("jinpu"))
    with pytest.raises(ValidationError, match="至少选择三位"):
        open_evaluation(item, experts=experts[:2], by=city)
    with pytest.raises(ValidationError, match="合计应为 100"):
        open_evaluation(item, experts=experts[:3], weights=dict.fromkeys(VALUES, 21), by=city)
    open_evaluation(item, experts=experts[:3], by=city)
    with pytest.raises(ValidationError, match="正在评价"):
        open_evaluation(item, experts=experts[:3], by=city)
    assert Evaluation.objects.count() == 1


def test_expert_page_needs_only_the_code(item, experts, city, client):
    opinion = open_evaluation(item, experts=experts[:3], by=city).opinions.first()
    page = reverse("evaluate", args=[opinion.code])
    assert item.title in readable(client.get(page))
    refused = client.post(page, {"science": "三百"})
    assert refused.status_code == 422
    sent = {value: "80" for value in VALUES} | {f"{value}_reason": REASONS[value] for value in VALUES}
    sent |= {"declared": "on"}
    assert client.post(page, sent).status_code == 302
    assert "已收到您的评价" in readable(client.get(page))
    opinion.refresh_from_db()
    assert opinion.marks == marks(80)
    assert client.post(page, sent).status_code == 422, "only once"
    assert client.get(reverse("evaluate", args=["2" * 10])).status_code == 404
