"""A city package is checked as a whole, and masking knows the places of the city whose package is used."""

import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from cities import CityError, load_city
from core.workdays import workdays_text
from deals.registration.party_lookup import without_city
from demands.masking import firm_names, mask_firm
from mechanism.checks import check_city_figures
from mechanism.city_rows import target_keys
from mechanism.kpi.task_board import read_task_figures

HAIBIN = Path(__file__).parent / "haibin"


@pytest.fixture
def package(tmp_path):
    return Path(shutil.copytree(HAIBIN, tmp_path / "city"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_city_of_the_product_is_complete():
    city = load_city("dalian")
    assert settings.CITY.key == city.key
    assert (len(city.reporting), len(city.tasks), len(city.targets), len(city.industries)) == (13, 9, 5, 12)
    assert city.demo_folder == settings.BASE_DIR / "demo_city"


def test_every_problem_is_named_with_file_row_field_and_value(package):
    edit(package / "city.toml", 'area_code = "379900"', 'area_code = "3799"')
    edit(package / "city.toml", 'registry_prefix = "HB"', 'registry_prefix = "海滨"\nregistry_prefixx = "HB"')
    edit(package / "city.toml", "ANONYMITY_FIRMS = 8", "ANONYMITY_FIRMS = 2")
    edit(package / "city.toml", "[10, 40, 40, 5, 5]", "[10, 40, 40, 5, 15]")
    edit(package / "regions.csv", "379903,临港区,临港、港区,是,是", "379902,临港区,临港、港区,是,对")
    edit(package / "targets.csv", "80,否", "八十亿,否")
    edit(package / "holidays.csv", "2026-12-02", "12月2日")
    edit(package / "tasks.csv", "7,中试熟化", "6,中试熟化")
    edit(package / "texts.toml", "home_title", "home_titel")
    (package / "institution_names.txt").write_text("海滨理工大学 滨工\n", encoding="utf-8")
    with pytest.raises(CityError) as refused:
        load_city(package)
    text = str(refused.value)
    assert "12 处要改" in text
    for problem in (
        "city.toml [city] 的“area_code”写成了“3799”。请写 GB/T 2260 的 6 位代码。",
        "city.toml [city] 的“registry_prefix”写成了“海滨”。",
        "city.toml [city] 里的“registry_prefixx”不认得",
        "“ANONYMITY_FIRMS”写成了“2”。请写 5 至 365 的整数。",
        "合计 100",
        "regions.csv 第 3 行的“代码”写成了“379902”。上面已有同样的一行",
        "regions.csv 第 3 行的“统计单位”写成了“对”。请写“是”或“否”。",
        "targets.csv 第 2 行的“目标值”写成了“八十亿”。",
        "holidays.csv 第 2 行的“日期”写成了“12月2日”。",
        "tasks.csv 第 8 行的“序号”写成了“6”。",
        "“home_titel”不认得",
        "institution_names.txt 第 1 行",
    ):
        assert problem in text


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("regions.csv", "代码,名称\n1,甲\n".encode(), "缺列“别名”“行政区划”“统计单位”"),
        ("regions.csv", "代码,名称,别名,行政区划,统计单位\n".encode(), "没有统计单位"),
        ("regions.csv", "代码,名称,别名,行政区划,统计单位\n379902,望潮区,望潮,是,是\n".encode("gbk"), "UTF-8"),
        ("city.toml", b"[city\n", "city.toml 的写法不对"),
        ("words.toml", 'places = "望潮"'.encode(), "应是一列词"),
    ],
)
def test_files_that_cannot_be_read_are_problems_not_errors(package, name, content, problem):
    (package / name).write_bytes(content)
    with pytest.raises(CityError, match=problem):
        load_city(package)


def test_places_on_the_map_and_links_of_chains_are_checked(package):
    regions = package / "regions.csv"
    header, *lines = regions.read_text(encoding="utf-8").splitlines()
    places = [",望潮,1,1", ",,1,1", ",,2,", ",,12,1", ",,,"]
    rows = [f"{header},图上名称,图上第几行,图上第几列", *map("".join, zip(lines, places, strict=True))]
    regions.write_text("\n".join(rows), encoding="utf-8")
    chains = "产业链代码,环节,关键词\nnowhere,上游,甲\nnowhere,上游,乙\n"
    (package / "industry_chains.csv").write_text(chains, encoding="utf-8")
    with pytest.raises(CityError) as caught:
        load_city(package)
    text = str(caught.value)
    for problem in (
        "regions.csv 第 3 行的“图上第几列”写成了“1”。示意图上这一格已经有别的区市县",
        "regions.csv 第 4 行的“图上第几列”写成了“”。“图上第几行”和“图上第几列”要一起填",
        "regions.csv 第 5 行的“图上第几行”写成了“12”。请写 1 至 9 的整数。",
        "industry_chains.csv 第 2 行的“产业链代码”写成了“nowhere”。industries.csv 里没有这个代码",
        "industry_chains.csv 第 3 行的“环节”写成了“上游”。这条产业链上面已有同名的环节",
    ):
        assert problem in text


def test_a_folder_without_a_package_is_refused(tmp_path):
    with pytest.raises(CityError, match=r"没有找到城市包.*city\.toml"):
        load_city(tmp_path)


def test_a_file_with_the_mark_of_excel_is_read(package):
    file = package / "regions.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_city(package).regions[0].name == "望潮区"


class TestMasking:
    FIRM = "海滨临港鸿蚝精工蚝业有限公司"
    TEXT = "鸿蚝精工的开壳机刀片每周换两次。"

    def test_the_trade_name_is_masked_with_the_words_of_the_city(self):
        assert mask_firm(self.TEXT, firm_names(self.FIRM)) == self.TEXT  # Dalian's words do not know the place
        with override_settings(CITY=load_city(HAIBIN)):
            assert mask_firm(self.TEXT, firm_names(self.FIRM)) == "本企业的开壳机刀片每周换两次。"
        assert mask_firm(self.TEXT, firm_names(self.FIRM)) == self.TEXT  # nothing of the other city is kept

    def test_without_a_list_the_regions_are_taken_off_in_both_spellings(self, package):
        (package / "words.toml").unlink()
        with override_settings(CITY=load_city(package)):
            for place in ("海东省海滨市临港区", "海滨临港", "海滨滨海新区", "青崖县", "海滨青崖"):
                assert firm_names(f"{place}鸿蚝精密机械有限公司")[-1] == "鸿蚝精密"

    def test_a_listed_word_only_adds_to_city_province_and_regions(self):
        with override_settings(CITY=load_city(HAIBIN)):
            assert firm_names("海东海滨市老港区鸿蚝精密机械有限公司")[-1] == "鸿蚝精密"


def test_a_province_with_the_name_of_its_city_is_not_taken_for_it(package):
    edit(package / "city.toml", "海东省", "海滨省")
    with override_settings(CITY=load_city(package)):
        assert without_city("海滨市望潮区") == "望潮区"
        assert without_city("海滨省海滨市望潮区") == "望潮区"


@pytest.mark.parametrize("text", ["turnovr", "items:sold", "agencies=none", "rounds=none", "items:", "ITEMS", "?"])
def test_figures_of_tasks_that_do_not_exist_are_refused(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        read_task_figures(text)


def test_a_package_with_unknown_figures_does_not_start(package):
    edit(package / "tasks.csv", "items:evaluated", "items:bewertet")
    edit(package / "targets.csv", "items,2026", "patents,2026")
    with override_settings(CITY=load_city(package)):
        errors = check_city_figures()
    assert [error.id for error in errors] == ["mechanism.E001", "mechanism.E002"]
    assert "第 2 项任务的指标“items:bewertet”" in errors[0].msg and "patents" in errors[1].msg
    assert check_city_figures() == []


def test_a_city_without_targets_enters_them_in_the_admin(package):
    (package / "targets.csv").unlink()
    assert target_keys(load_city(package)) == ("turnover", "local_rate", "funds", "agencies", "items")


def test_working_days_in_words():
    assert [workdays_text(count) for count in (2, 5, 10, 15)] == [
        "两个工作日",
        "五个工作日",
        "十个工作日",
        "15 个工作日",
    ]
