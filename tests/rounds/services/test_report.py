"""Report versions from draft to release."""

import hashlib
from copy import deepcopy

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from audit.models import AuditRecord
from rounds.models import DockingRound, RoundReport
from rounds.services.report import draft_report, edit_report, recount_report, release_report, report_file, stale_figures
from tests import factories as make
from tests.kept_rows import kept_rows
from tests.rounds.report.rounds import came, held_round

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        city, docking_round = make.city_officer(name="周宁"), held_round()
        yield city, docking_round, draft_report(docking_round.round, by=city)


@pytest.fixture
def copied(db, kept):
    """Each test changes objects of its own."""
    return deepcopy(kept)


@pytest.fixture
def city(copied):
    return copied[0]


@pytest.fixture
def docking_round(copied):
    return copied[1]


@pytest.fixture
def draft(copied) -> RoundReport:
    return copied[2]


def text_of(report: RoundReport, key: str) -> str:
    report.refresh_from_db()
    return next(section["text"] for section in report.text if section["key"] == key)


def test_draft_has_figures_and_text(draft):
    assert (draft.number, draft.status) == (1, "draft")
    assert draft.figures["totals"]["held"] == 4
    assert "邀请企业 3 家" in text_of(draft, "guests")


def test_there_is_one_draft_at_a_time(draft, docking_round, city):
    assert draft_report(docking_round.round, by=city) == draft


@pytest.mark.parametrize("status", ["preparing", "gathering", "scheduled"])
def test_no_report_before_the_round(city, status):
    with pytest.raises(ValidationError, match="还没有开始"):
        draft_report(make.docking_round(status=DockingRound.Status(status)), by=city)


@pytest.mark.parametrize("who", [make.district_officer, make.auditor, make.sysadmin])
def test_only_city_staff_write(draft, docking_round, who):
    by = who()
    for step in (
        lambda: draft_report(docking_round.round, by=by),
        lambda: edit_report(draft, {"guests": "改"}, revision=0, by=by),
        lambda: recount_report(draft, revision=0, by=by),
        lambda: release_report(draft, revision=0, by=by),
    ):
        with pytest.raises(PermissionDenied):
            step()
    draft.refresh_from_db()
    assert (draft.revision, draft.status) == (0, "draft")


def test_edited_text_is_audited(draft, city):
    edit_report(draft, {"guests": "到会踊跃。\u202e"}, revision=0, by=city)
    assert text_of(draft, "guests") == "到会踊跃。"
    changes = AuditRecord.objects.get(action="修改活动总结").changes
    assert list(changes) == ["邀请与到会"] and changes["邀请与到会"][1] == "到会踊跃。"


def test_too_long_text_is_refused(draft, city):
    with pytest.raises(ValidationError, match="“概况”超过 4000 字"):
        edit_report(draft, {"overview": "长" * 4001}, revision=0, by=city)


def test_stale_revision_names_the_other_user(draft, city):
    edit_report(draft, {"guests": "甲"}, revision=0, by=make.city_officer(name="李明"))
    with pytest.raises(ValidationError, match="李明刚刚改过这份总结"):
        edit_report(draft, {"guests": "乙"}, revision=0, by=city)
    assert text_of(draft, "guests") == "甲"


def test_recount_keeps_edited_text_and_reports_it(draft, docking_round, city):
    edit_report(draft, {"guests": "到会踊跃。"}, revision=0, by=city)
    came(docking_round.firms[0], "后到的")
    docking_round.silent.status = "missed"
    docking_round.silent.save()
    assert "到会人员 4 → 5" in stale_figures(draft)
    assert recount_report(draft, revision=1, by=city) == ["邀请与到会"]
    assert text_of(draft, "guests") == "到会踊跃。"
    assert "实际洽谈共 3 场" in text_of(draft, "talks")
    assert next(section for section in draft.text if section["key"] == "guests")["written"].endswith("签到 5 人。")
    assert stale_figures(draft) == []


def test_stale_figures_are_not_released(draft, docking_round, city):
    came(docking_round.firms[0], "后到的")
    with pytest.raises(ValidationError, match="到会人员 4 → 5"):
        release_report(draft, revision=0, by=city)
    draft.refresh_from_db()
    assert (draft.status, draft.revision) == ("draft", 0)


def test_released_report_keeps_its_files_and_is_immutable(draft, docking_round, city):
    released = release_report(draft, revision=0, by=city)
    assert (released.status, released.released_by) == ("released", city)
    for kind, start in (("word", b"PK"), ("pdf", b"%PDF")):
        content = report_file(released, kind)
        assert content.startswith(start)
        assert hashlib.sha256(content).hexdigest() == released.checksums[kind]
    for step in (
        lambda: edit_report(draft, {"guests": "改"}, revision=1, by=city),
        lambda: recount_report(draft, revision=1, by=city),
        lambda: release_report(draft, revision=1, by=city),
    ):
        with pytest.raises(ValidationError, match="已经发布，不能再改"):
            step()
    for change in (lambda rows: rows.update(text=[]), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="不能修改或删除"), transaction.atomic():
            change(RoundReport.objects.filter(pk=draft.pk))
    came(docking_round.firms[0], "后到的")
    assert hashlib.sha256(report_file(released, "pdf")).hexdigest() == released.checksums["pdf"]
    assert stale_figures(released)
    assert draft_report(docking_round.round, by=city).number == 2
