"""The platform in an invented city: nothing in its pages, numbers, forms and mails comes from Dalian."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from cities import load_city

pytestmark = pytest.mark.long
HAIBIN = Path(__file__).parent / "haibin"
OTHERS = {"高新区"}


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker):
    """What `second_city` writes. It rolls back, and no rows of this module are in its way."""
    where = connection.settings_dict
    url = f"postgresql://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    environment = os.environ | {"CITY": str(HAIBIN), "DATABASE_URL": url, "REDIS_URL": settings.CELERY_BROKER_URL}
    command = [sys.executable, "-m", "tests.cities.second_city"]
    result = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


def test_no_page_speaks_of_the_other_city(answers):
    dalian = load_city("dalian")
    words = {dalian.short_name, dalian.in_city, dalian.short_province, dalian.example_region_short}
    words |= {region.name for region in dalian.regions} - OTHERS
    pattern = re.compile(
        rf"{'|'.join(words)}|(?<![A-Z]){dalian.registry_prefix}-|(?<![0-9A-Za-z]){dalian.code_prefix}(?!\d)"
        rf"|(?<![0-9A-Za-z]){dalian.area_code}"  # neither within a random hash
        rf"|{dalian.key}(?!_techtransfer)"
    )
    wrong = {path: pattern.findall(page)[:5] for path, page in answers["pages"].items() if pattern.search(page)}
    assert wrong == {}
    assert [
        path for path, page in answers["pages"].items() if page.startswith("error 5") and "healthz" not in path
    ] == []
    for path in (
        "anonymous /",
        "anonymous /achievements/",
        "市级专员 /workbench/figures/",
        "市级专员 /admin/mechanism/task/board/",
    ):
        assert "海滨" in answers["pages"][path]


def test_home_page_tasks_and_figures_are_those_of_the_city(answers):
    pages = answers["pages"]
    assert "在海滨市，说说您的难题" in pages["anonymous /"]
    board = pages["市级专员 /admin/mechanism/task/board/"]
    assert "七项工作" in board and "经纪人队伍" in board and "九项任务" not in board
    cockpit = pages["市级专员 /workbench/figures/"]
    assert "科技成果在滨转化率" in cockpit and "基金规模" not in cockpit
    assert (answers["tasks"], answers["targets"]) == (7, ["turnover", "items", "local_rate"])


def test_numbers_places_and_masks_are_those_of_the_city(answers):
    assert re.fullmatch(r"HB-\d{4}-0001", answers["registry_number"])
    assert answers["form"]["seller_area"] == "379903"
    assert "卖方在海滨的合同应为 3799" in answers["wrong_number"]
    assert answers["masked"].startswith("本企业的开壳机")
    assert re.fullmatch(r"海滨市某企业（代号\S{2,4}）", answers["alias"])
    assert answers["without_city"] == "青崖县"
    assert answers["places"] == {
        "海东省海滨市青崖县": True,
        "临港": True,
        "海滨": True,
        "辽宁省大连市": False,
        "海东省": False,
    }


def test_words_weights_and_days_are_those_of_the_city(answers):
    assert "海滨市科技局自动发送，请勿回复。" in answers["digest"]
    assert list(answers["weights"].values()) == [10, 40, 40, 5, 5]
    assert answers["too_early"] == "离上线还早"
    assert answers["after_the_holiday"] == "2026-12-03"


def test_it_begins_with_accounts_and_refuses_the_database_of_another_city(answers):
    roles = [login["role"] for login in answers["logins"]]
    assert (answers["accounts"], answers["accounts_again"]) == (7, 0)
    assert roles.count("区县专员") == 4 and {"市级专员", "审计员", "系统管理员"} <= set(roles)
    assert "一个数据库只能用于一个城市" in answers["refusal"]
