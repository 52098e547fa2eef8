"""Audit records in words: what the reader of the trail is shown."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from audit.change_words import KEY_LABELS
from audit.changes import audit_value
from audit.services import record
from audit.wording import HIDDEN_ROW, OTHER, change_label, describe_changes, describe_record, describe_records
from deals.models import Contract
from matching.models import Match
from tests import factories
from tests.test_architecture import sources

RECORDING = {"record", "transition", "record_many", "transition_many"}


@pytest.mark.django_db
def test_choices_amounts_days_and_truth_are_words():
    changes = {
        "status": ["preparing", "submitted"],
        "amount_wan": ["120.00", "1500.50"],
        "signed_on": [None, "2026-11-03"],
        "is_buyer_local": [True, False],
        "form": [None, True],
        "number": ["", "20262102000001"],
    }
    assert describe_changes(changes, Contract, factories.city_officer()) == [
        "状态：填报中 → 已提交登记",
        "合同成交额：120 万元 → 1,500.5 万元",
        "签订日期：空 → 2026年11月3日",
        "买方在连：是 → 否",
        "登记表其他栏目：已修改",
        "登记编号：空 → 20262102000001",
    ]


@pytest.mark.django_db
def test_moments_are_local_and_ids_and_checksums_are_not_shown():
    changes = {
        "verified_at": [None, "2026-11-30T16:58:45.411456+00:00"],
        "about": [None, "follow-up 2rae9rbxdx"],
        "sha256": [None, "0f" * 32],
        "request": [None, "8p8dz7un74"],
        "unknown_key": 3,
    }
    assert describe_changes(changes, None, factories.city_officer()) == [
        "其他内容：空 → 2026年12月1日 00:58",
        "事由：空 → 对接跟进",
        "其他内容：空 → （校验值）",
        "委托：空 → （一条记录）",
        "其他内容：3",
    ]


@pytest.mark.django_db
def test_codes_of_another_model_of_the_app_have_its_labels():
    """A verdict stores `reason`, which is no field of a match."""
    changes = {"reason": [None, "field"], "side": [None, "office"]}
    lines = describe_changes(changes, Match, factories.city_officer())
    assert lines == ["原因：空 → 领域不符", "哪一方：空 → 院所方"]


@pytest.mark.django_db
def test_a_foreign_key_is_a_name_only_for_who_may_see_the_row(django_assert_num_queries):
    deal, other = factories.deal(name="钛合金阀体"), factories.deal(name="余热回收")
    contract = factories.contract()
    city, stranger = factories.city_officer(), factories.firm_officer(factories.firm("旁观厂"))
    entries = [
        record("对应成交项目", contract, by=city, changes={"deal": [other.public_id, deal.public_id]}),
        record("对应成交项目", contract, by=city, changes={"deal": [None, audit_value(deal.pk)]}),
    ]
    assert city.scope
    with django_assert_num_queries(2):  # one for primary keys, one for public ids
        lines = describe_records(entries, city)
    assert [lines[entry.pk] for entry in entries] == [
        ["成交项目：余热回收 → 钛合金阀体"],
        ["成交项目：空 → 钛合金阀体"],
    ]
    assert describe_record(entries[0], stranger) == [f"成交项目：{HIDDEN_ROW} → {HIDDEN_ROW}"]


@pytest.mark.long
def test_every_key_that_a_service_records_has_a_word():
    """A key without a word would reach readers as OTHER."""
    fields = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    wordless = {
        f"{path.relative_to(settings.BASE_DIR)}: {key}"
        for path in sources("*.py")
        if not path.is_relative_to(settings.BASE_DIR / "tests")
        for key in _recorded_keys(path)
        if key not in KEY_LABELS and key not in fields
    }
    assert wordless == set()
    assert change_label("no_such_key", Contract) == OTHER


def _recorded_keys(path: Path) -> set[str]:
    """The literal keys in `changes=` of calls."""
    source = path.read_text()
    if "changes=" not in source:
        return set()
    values = [
        keyword.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in RECORDING
        for keyword in node.keywords
        if keyword.arg == "changes"
    ]
    dicts = (node for value in values for node in ast.walk(value) if isinstance(node, ast.Dict))
    return {key.value for node in dicts for key in node.keys if isinstance(key, ast.Constant)}
