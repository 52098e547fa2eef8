"""适用边界 on its way: from a sheet, a form and a document to the public page, API, open data, export and a match."""

import json
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.services.source_files import store_source_file
from achievements.models import Achievement
from achievements.services.exporting import export_achievements
from achievements.services.importing import import_achievements
from achievements.stated_limits import limit_sentences
from drafting.services import documents
from matching.engine import limits
from matching.engine.fact_score import fact_score
from matching.engine.facts import AchievementFacts, DemandFacts, compare_facts
from portal.product_page import limits_of
from tests import factories as make
from tests.achievements.sheets import workbook
from tests.browser_client import Browser
from tests.drafting.making import UNIVERSITY

DEMO = Path(__file__).parents[2] / "demo_city" / "achievements.jsonl"
LINES = "氨制冷系统不适用。\n油分高于 50 mg/L 时须先除油。"


@pytest.mark.django_db
def test_from_the_sheet_to_everything_that_is_public(client):
    office = make.institution_officer(make.institution("大连理工大学"))
    summary = "没霜也冲，库温白白升三四度。控制箱只认露白面积。水温八度以下不建议用。"
    content = workbook({"局限性": LINES, "成果简介": summary})
    import_achievements(store_source_file("achievements", content=content, name="成果.xlsx", by=office), by=office)
    achievement = Achievement.objects.get()
    now = timezone.now()
    Achievement.objects.update(status="registered", registry_number="T-1", registered_at=now, published_at=now)

    page = Browser().read(reverse("achievement_detail", args=[achievement.public_id]))
    assert "<li>氨制冷系统不适用。</li>" in page
    assert "单位登记的适用边界。" in page
    assert "<li>水温八度以下不建议用。</li>" not in page, "what is registered stands for itself"
    assert client.get(f"/api/v1/achievements/{achievement.public_id}/").json()["limits"] == LINES
    rows = json.loads(b"".join(client.get(reverse("open_data_file", args=["achievements.json"])).streaming_content))
    assert rows["rows"][0]["limits"] == LINES
    form = Browser(office).read(reverse("achievement_edit", args=[achievement.public_id]))
    assert "氨制冷系统不适用。" in form
    assert "如：氨制冷系统不适用；" in form, "the form gives an example"
    assert export_achievements(Achievement.objects.all(), by=office)[:2] == b"PK"
    achievement.limits = ""
    assert limits_of(achievement).sentences == ["水温八度以下不建议用。"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        (
            "传统办法对高盐水不适用。\n本装置处理含油乳液不适用，电话 13912345678。\n",
            "本装置处理含油乳液不适用，电话 。",
        ),
        ("局限性：含油乳液须先破乳。\n", "含油乳液须先破乳。"),
        ("传统办法对高盐水不适用。\n", None),
    ],
)
def test_a_document_is_quoted_and_never_reworded(written, proposed):
    institution = make.institution(UNIVERSITY)
    by = make.institution_officer(institution)
    text = f"成果名称：海带加工废水净化装置\n完成单位：{UNIVERSITY}\n负责人：田丰\n{written}"
    (draft,) = documents.add_documents([], text=text, institution=institution, by=by)
    documents.read_draft_document(draft.documents.get())
    draft.refresh_from_db()
    field = draft.fields.get("limits", {})
    assert field.get("text") == proposed
    assert "13912345678" not in json.dumps(draft.fields, ensure_ascii=False)


def test_a_registered_limit_warns_and_costs_no_rank():
    demand = DemandFacts(text="氨制冷系统的冷库，除霜太勤，冷风机结霜厚", stage="中试")
    plain = AchievementFacts(stage="中试", title="冷风机融霜控制箱", texts=(("成果简介", "控制箱只认露白面积。"),))
    honest = AchievementFacts(
        stage="中试",
        title=plain.title,
        texts=plain.texts,
        limits=("氨制冷系统不适用。", "结霜厚于二十毫米时要先人工铲。", "水产车间没试过。"),
    )
    facts = compare_facts(honest, demand)
    (warning,) = [fact for fact in facts if fact["kind"] == "registered_limits"]
    assert warning["verdict"] == "contradicts"
    assert "成果写明“氨制冷系统不适用”（适用边界），需求涉及“氨制冷系统”" in warning["sentence"]
    assert "结霜厚于二十毫米时要先人工铲" in warning["sentence"]
    assert "水产车间" not in warning["sentence"]
    assert fact_score(facts) == fact_score(compare_facts(plain, demand))


def test_the_demo_city_quotes_its_own_texts():
    rows = [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]
    stated = {row["id"]: row["limits"].split("\n") for row in rows if row.get("limits")}
    assert len(stated) == 57
    for row in rows:
        texts = "".join(row[name] for name in ("summary", "innovation", "scenario", "economics"))
        assert [line for line in stated.get(row["id"], ()) if line.rstrip("。") not in texts] == []
    # Of the sentences that the rules find, those that a reader has not taken for limits of the achievement.
    texts_of = {row["id"]: [row["summary"], row["innovation"], row["scenario"], row["economics"]] for row in rows}
    proposed = {(key, line) for key, texts in texts_of.items() for line in limit_sentences(texts, 9)}
    wrong = {key for key, line in proposed if line.rstrip("；。") not in "".join(stated.get(key, []))}
    assert wrong == {"A096", "A162", "A246", "A288", "A319", "A325"}


def test_of_two_things_in_common_the_first_is_named_in_every_process(monkeypatch):
    """The phrases of a text are a set, whose order is another one in each process."""
    line, demand = "叶轮形状复杂，只能做护板一类的圆件", "护板和叶轮磨损快"
    for phrases in (("护板", "叶轮"), ("叶轮", "护板")):
        monkeypatch.setattr(limits, "noun_phrases", lambda _text, phrases=phrases: phrases)
        (limit,) = limits._things_in_common(line, "适用边界", demand)
        assert limit.what == "叶轮"
