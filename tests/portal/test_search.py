"""The search of lists and the search page: what each kind of query finds, why, and what it must not tell."""

import json
from unittest import mock
from urllib.parse import quote

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from achievements.models import Achievement, Completer, IntellectualProperty
from dalian_techtransfer.web_workers import build_indexes
from demands.models import Demand
from matching.registry_indexes import MATCHING_INDEX
from portal.search.bilingual import default_terms
from portal.search.index import SEARCH_INDEX
from portal.search.spelling import SpellingIndex, is_one_edit
from portal.views.public import result_page
from tests import factories as make
from tests.browser_client import one_line

BATTERY, BEARING, HULL, BALLAST, SHIPS = (
    "高功率密度液流电池电堆",
    "轴承套圈磨削烧伤涡流检测仪",
    "船体空化射流清洗机器人",
    "压载水微藻快检仪",
    "AIS船位造假识别引擎",
)


def titles(q: str, path: str = "achievement_list") -> list[str]:
    page = Client().get(reverse(path), {"q": q})
    assert page.status_code == 200
    return [row.title for row in page.context["results"].page]


def whys(q: str) -> list[str]:
    return [row.why for row in Client().get(reverse("achievement_list"), {"q": q}).context["results"].page]


@pytest.mark.long
class SearchTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cache.clear()
        institute = make.organisation("institution", "中国科学院大连化学物理研究所", short_name="大化所")
        cls.battery = make.achievement(
            title=BATTERY,
            institution=institute,
            lead_person="闻人渡",
            keywords=["液流电池", "电堆"],
            summary="储能电站用的全钒液流电池，电堆功率密度高，激光焊接密封不漏液。",
        )
        cls.bearing = make.achievement(
            title=BEARING,
            keywords=["轴承", "磨削烧伤"],
            summary="磨削后滚道上的烧伤肉眼看不出来，用涡流法逐件全检，不用酸洗。",
        )
        make.achievement(
            title=HULL,
            institution=make.institution("大连海事大学"),
            keywords=["船体污损", "水下清洗"],
            summary="船底长满海蛎子会增加油耗，水下机器人用空化射流清洗，不进坞。",
        )
        make.achievement(title=BALLAST, keywords=["压载水"], summary="十分钟测出压载水里活的微藻。")
        make.achievement(title=SHIPS, keywords=["AIS"], summary="从AIS轨迹里识别套牌船。")
        IntellectualProperty.objects.create(
            achievement=cls.battery, kind="invention", title="电堆", number="ZL201810000054.X"
        )
        Completer.objects.create(achievement=cls.bearing, name="令狐秋", unit="")

    def test_each_way_of_asking_finds_the_achievement_first(self):
        number = self.battery.registry_number
        for q, title in [
            ("液流电池", BATTERY),
            ("液流電池", BATTERY),
            ("flow battery", BATTERY),
            ("VRFB", BATTERY),
            ("yeliu dianchi", BATTERY),
            ("yldc", BATTERY),
            ("液流电迟", BATTERY),
            ("化物所", BATTERY),
            ("化物所的电堆", BATTERY),
            ("闻人渡", BATTERY),
            ("闻人渡老师", BATTERY),
            ("wenrendu", BATTERY),
            ("ZL 2018 1 0000054.X", BATTERY),
            ("201810000054", BATTERY),
            (number, BATTERY),
            (number.lower().replace("-", " "), BATTERY),
            ("令狐秋", BEARING),
            ("轴乘磨削烧伤", BEARING),
            ("grinding burn of bearing", BEARING),
            ("滚道烧伤看不出来怎么办", BEARING),
            ("hull cleaning", HULL),
            ("船底长了海蛎子不想进坞", HULL),
            ("balast water", BALLAST),
        ]:
            assert titles(q)[:1] == [title], q

    def test_latin_words_match_at_word_borders(self):
        assert SHIPS in titles("AIS") and SHIPS not in titles("AI")

    def test_each_hit_says_why(self):
        assert whys("ZL201810000054.X") == ["专利或著作权编号相同"]
        assert whys("闻人渡") == ["负责人：闻人渡"]
        assert whys("化物所") == ["完成单位：化物所"]
        assert whys("液流电池")[0] == "名称里有“液流电池”"
        assert whys("VRFB")[0].startswith("VRFB 即全钒液流电池")
        assert whys("yeliu dianchi")[0].startswith("按拼音读作“液流电池”")
        assert whys("液流电迟")[0].startswith("没有“液流电迟”，按“液流电池”查找")
        assert "烧伤肉眼看不出来" in whys("滚道烧伤看不出来怎么办")[0]

    def test_facets_and_other_orders_work_on_the_ranked_hits(self):
        page = Client().get(reverse("achievement_list"), {"q": "化物所", "sort": "maturity"})
        assert [row.title for row in page.context["results"].page] == [BATTERY]
        institution = self.bearing.institution.public_id
        filtered = Client().get(reverse("achievement_list"), {"q": "液流电池", "institution": institution})
        assert BATTERY not in [row.title for row in filtered.context["results"].page]

    def test_new_and_withdrawn_records_are_noticed_at_once(self):
        assert "新登记的电堆密封" not in titles("电堆")
        late = make.achievement(title="新登记的电堆密封")
        assert "新登记的电堆密封" in titles("电堆")
        Achievement.objects.filter(pk=late.pk).update(status="withdrawn", status_reason="重复")
        assert "新登记的电堆密封" not in titles("电堆")

    def test_nothing_near_offers_what_to_do_next(self):
        page = one_line(Client().get(reverse("achievement_list"), {"q": "qwxzkj"}).content.decode())
        assert "没有找到" in page and f"{reverse('demand_new')}?problem=qwxzkj" in page
        assert "看相近的产业" in page and f"{reverse('achievement_list')}?industry=" in page

    def test_search_page_shows_all_kinds(self):
        leaking = make.demand(title="电堆密封老是漏液", problem="液流电池电堆用半年就漏。")
        page = one_line(Client().get(reverse("search"), {"q": "电堆"}).content.decode())
        assert self.battery.public_id in page and f"demands/{leaking.public_id}" in page
        institute = one_line(Client().get(reverse("search"), {"q": "化物所"}).content.decode())
        assert "高校院所 1 项" in institute and "公开成果 1 项" in institute
        person = one_line(Client().get(reverse("search"), {"q": "闻人渡"}).content.decode())
        assert "负责人和完成人 1 项" in person

    def test_the_name_of_a_district_leads_to_its_page_first(self):
        firm = make.firm("大连测试重工有限公司", region_code="210212")
        make.demand(title="岸吊回转支承异响", firm=firm, is_anonymous=False)
        for q, code in [
            ("旅顺口区", "210212"),
            ("旅顺", "210212"),
            ("lvshun", "210212"),
            ("lushun", "210212"),
            ("旅顺的船厂", "210212"),
            ("金普新区", "jinpu"),
            ("金普新区有哪些轴承厂", "jinpu"),
            ("沙河", "210204"),
        ]:
            results = Client().get(reverse("search"), {"q": q}).context["results"]
            first = results.sections[0]
            assert (first.name, [row.url for row in first.entries]) == (
                "districts",
                [reverse("district_detail", args=[code])],
            ), q
            assert not results.is_weak and "没有“" not in results.note, q
        assert first.entries[0].detail == "公开的需求 0 项"
        (lvshun,) = Client().get(reverse("search"), {"q": "旅顺"}).context["results"].sections[0].entries
        assert lvshun.detail == "公开的需求 1 项"
        for q in ("长海带养殖", "轴承烧伤", "13800138000", "中山装", "大连"):
            sections = Client().get(reverse("search"), {"q": q}).context["results"].sections
            assert all(section.name != "districts" for section in sections), q

    def test_very_many_rows_with_the_words_are_not_called_near(self):
        make.demand(title="绞车刹不住", is_anonymous=False)
        with mock.patch("portal.search.results.MOST_LITERAL", 0):
            results = Client().get(reverse("search"), {"q": "绞车"}).context["results"]
        assert [section.name for section in results.sections][:1] == ["demands"] and not results.is_weak

    def test_very_many_rows_are_searched_once_to_show_and_to_count_them(self):
        make.demand(title="轴承磨削烧伤", is_anonymous=False)
        titles("轴承")  # builds the index
        with mock.patch("portal.search.results.MOST_LITERAL", 0), CaptureQueriesContext(connection) as queries:
            results = Client().get(reverse("search"), {"q": "轴承"}).context["results"]
        shown = {section.name: (section.total, len(section.rows)) for section in results.sections}
        assert shown["demands"] == (1, 1) and shown["achievements"][0] == shown["achievements"][1] > 0
        searches = [row["sql"] for row in queries if "search_bigrams" in row["sql"]]
        assert len([sql for sql in searches if 'FROM "achievements_achievement"' in sql]) == 1
        # One for the names of anonymous firms, which nobody may find.
        assert len([sql for sql in searches if 'FROM "demands_demand"' in sql]) == 2

    def test_suggestions_are_terms_institutions_and_titles(self):
        def suggested(q: str) -> list[tuple[str, str]]:
            rows = json.loads(Client().get(reverse("search_suggestions"), {"q": q}).content)["suggestions"]
            return [(row["kind"], row["text"]) for row in rows]

        assert ("术语", "液流电池") in suggested("液流") and ("成果", BATTERY) in suggested("液流")
        assert ("单位", "中国科学院大连化学物理研究所") in suggested("化物")
        assert ("术语", "液流电池") in suggested("yeliu")
        assert ("区市县", "旅顺口区") in suggested("旅顺") and ("区市县", "旅顺口区") in suggested("lvshun")
        assert suggested("") == suggested("液") == suggested("13800138000") == []

    def test_hostile_and_long_queries_are_inert(self):
        for q in (
            "<script>alert(1)</script>",
            '" onmouseover="x',
            "%00\x00",
            "\\",
            "((((",
            "😀😀",
            "'; DROP TABLE",
            "*",
        ):
            for name in ("achievement_list", "demand_list", "search"):
                page = Client().get(f"{reverse(name)}?q={quote(q)}")
                assert (
                    page.status_code == 200 and "<script>alert" not in page.text and 'onmouseover="x"' not in page.text
                )
        for name in ("achievement_list", "search"):
            page = Client().get(reverse(name), {"q": "轴承磨削烧伤" * 20_000})
            assert page.status_code == 200 and "搜索只看前 100 个字" in one_line(page.text) and len(page.text) < 200_000

    def test_personal_numbers_find_nobody(self):
        for q in ("13800138000", "210202199001011234"):
            assert titles(q) == []

    def test_many_queries_of_one_address_are_refused_for_a_minute(self):
        titles("轴承")  # builds the index
        patch = self.enterContext(pytest.MonkeyPatch.context())
        patch.setattr(result_page, "MOST_SEARCHES", 2)
        patch.setattr("core.throttling.cache", caches["process"])  # other tests empty the shared one meanwhile
        statuses = [
            Client().get(reverse(name), {"q": "轴承"}, REMOTE_ADDR="192.0.2.77").status_code
            for name in ("achievement_list", "search", "demand_list", "search_suggestions")
        ]
        assert statuses == [200, 200, 429, 429]
        refused = Client().get(reverse("search"), {"q": "轴承"}, REMOTE_ADDR="192.0.2.77")
        assert "查得太频繁了" in refused.text and refused["Retry-After"] == "60"
        assert Client().get(reverse("achievement_list"), REMOTE_ADDR="192.0.2.77").status_code == 200

    def test_a_large_registry_without_an_index_yet_answers_literally(self):
        SEARCH_INDEX.clear()
        patch = self.enterContext(pytest.MonkeyPatch.context())
        patch.setattr("portal.search.index.MAX_ROWS_AT_ONCE", 0)
        patch.setattr("portal.search.index.FIRST_WAIT_SECONDS", 0.0)
        patch.setattr("portal.search.index.threading.Thread.start", lambda thread: SEARCH_INDEX._building.release())
        assert titles("液流电池") == [BATTERY] and titles("flow battery") == []
        SEARCH_INDEX.clear()


class DemandSearchTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cache.clear()
        firm = make.organisation("firm", "大连琅屿轴承有限公司", short_name="琅屿轴承", stat_region=make.region())
        cls.hidden = make.demand(
            title="滚道烧伤查不全",
            problem="琅屿的轴承磨完有烧伤，酸洗太慢。",
            firm=firm,
            is_anonymous=True,
            public_alias="某轴承企业",
        )
        cls.teaser = make.demand(
            title="密封件寿命短",
            problem="全氟醚配方在强酸里溶胀。",
            disclosure=Demand.Disclosure.TEASER,
            teaser="密封件在介质里用不久。",
        )
        make.demand(title="轴承保持架断裂", problem="高速轴承保持架断裂，想换材料。")

    def test_sentences_find_demands_by_meaning(self):
        assert titles("轴承磨了以后有没有烧伤，怎么才能都查出来", "demand_list")[0] == "滚道烧伤查不全"

    @pytest.mark.long
    def test_the_name_of_an_anonymous_firm_finds_nothing(self):
        for q in (
            "琅屿",
            "琅屿轴承",
            "大连琅屿轴承有限公司",
            "琅屿轴承烧伤",
            "langyu",
            "langyu zhoucheng",
            "瑯嶼軸承",
            "郎屿轴承",
        ):
            assert "滚道烧伤查不全" not in titles(q, "demand_list"), q
            everywhere = Client().get(reverse("search"), {"q": q}).text
            assert "滚道烧伤查不全" not in everywhere, q

    def test_a_new_name_is_noticed(self):
        titles("轴承烧伤", "demand_list")
        Organisation.objects.filter(pk=self.hidden.firm_id).update(name="大连酸洗太慢有限公司", short_name="酸洗太慢")
        assert "滚道烧伤查不全" not in titles("酸洗太慢", "demand_list")

    def test_words_of_a_text_behind_a_teaser_are_neither_found_nor_quoted(self):
        assert "密封件寿命短" not in titles("全氟醚强酸溶胀", "demand_list")
        page = Client().get(reverse("demand_list"), {"q": "密封件在介质里面用不久怎么办"}).text
        assert "密封件" in page and "全氟醚" not in page
        suggestions = Client().get(reverse("search_suggestions"), {"q": "全氟醚"}).text
        assert "密封" not in suggestions


def test_one_edit():
    for word, other in [
        ("graphene", "grpahene"),
        ("液流电池", "液流电迟"),
        ("cell", "cel"),
        ("cel", "cell"),
        ("ab", "ba"),
    ]:
        assert is_one_edit(word, other), (word, other)
    for word, other in [("cell", "cell"), ("cell", "clel2"), ("abcd", "badc"), ("液流电池", "液体电迟")]:
        assert not is_one_edit(word, other), (word, other)
    assert SpellingIndex([("graphene", 0.5), ("graphite", 0.9)]).correct("graphane") == "graphene"


def test_the_lists_are_broad_and_each_concept_has_both_languages():
    concepts = {concept for concepts in default_terms().by_name.values() for concept in concepts}
    assert len(concepts) >= 600
    assert all(concept.chinese and concept.latin for concept in concepts)
    assert [concept for concept in concepts if not all(name.isascii() for name in concept.latin)] == []


@pytest.mark.django_db
def test_a_new_process_builds_its_indexes_before_the_first_visitor(monkeypatch):
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own transaction stays open
    SEARCH_INDEX.clear()
    MATCHING_INDEX.clear()
    build_indexes()
    assert SEARCH_INDEX._built and MATCHING_INDEX._built
