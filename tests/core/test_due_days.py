"""Days until which somebody has to act are told as passed once they have passed."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.due_days import due_by, please_by
from notices.models import Notice
from notices.templatetags.notices import as_of_today


def test_a_day_is_told_with_its_year_where_it_is_another_and_as_passed(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_args: date(2026, 12, 1))
    assert please_by(date(2026, 12, 1), "答复") == "请在12月1日前答复"
    assert due_by(date(2027, 1, 5), "报告进展") == "2027年1月5日前报告进展"
    assert please_by(date(2026, 11, 28), "答复") == "应在11月28日前答复，已过 3 天"
    assert please_by(None, "答复") == ""


@pytest.mark.parametrize(
    "written", ["请在 {m} 月 {d} 日前答复", "请在{y}年{m}月{d}日前改好", "请在 {m}月{d}日 前答复，可以附材料"]
)
def test_every_form_of_a_notice_tells_that_its_day_has_passed(written):
    now = timezone.now()
    for days, passed in ((-3, True), (3, False)):
        day = timezone.localdate() + timedelta(days=days)
        text = written.format(y=day.year, m=day.month, d=day.day)
        shown = as_of_today(Notice(text=text, made_at=now - timedelta(days=9)))
        assert ("已过期" in shown) == passed, shown
