"""Parsing of decisions in minutes, and creating measures from them."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from mechanism.minutes_parsing import parse_decisions
from mechanism.models import Measure, Minutes, Task
from mechanism.services.minutes import split_minutes
from tests import factories as make

HELD = date(2026, 9, 20)
TEXT = """会议听取了汇报，议定以下事项：
1. 10月31日前完成院校成果摸底（责任单位：市科技局；10月31日前）
2、各基地公布中试空档（责任单位：金普新区科技局，年底前）。
（三）研究设立天使基金，由市财政局牵头，2027年3月底前提出方案；
会议要求抓好落实。"""


class TestParsing:
    def test_numbered_lines_with_body_due_date_and_task(self):
        decisions = parse_decisions(TEXT, HELD)
        assert [(decision.body, decision.due_on, decision.task) for decision in decisions] == [
            ("市科技局", date(2026, 10, 31), 1),
            ("金普新区科技局", date(2026, 12, 31), 9),
            ("市财政局", date(2027, 3, 31), 8),
        ]
        assert decisions[0].title == "10月31日前完成院校成果摸底"

    @pytest.mark.parametrize(
        ("line", "day"),
        [
            ("1. 3月5日前报告", date(2027, 3, 5)),  # the next one after the meeting
            ("1. 9月20日前报告", date(2026, 9, 20)),
            ("1. 2月30日前报告", date(2027, 2, 28)),
            ("1. 2月底前报告", date(2027, 2, 28)),
            ("1. 2028年2月底前报告", date(2028, 2, 29)),
            ("1. 尽快报告", None),
        ],
    )
    def test_due_dates(self, line, day):
        assert parse_decisions(line, HELD)[0].due_on == day

    def test_leap_day_in_a_common_year(self):
        assert parse_decisions("1. 2月29日前报告", date(2024, 3, 1))[0].due_on == date(2025, 2, 28)

    def test_prose_contains_no_decisions(self):
        assert parse_decisions("会议认为，成果转化很重要。\n\n2026年形势较好。", HELD) == []

    def test_maximum_number_of_decisions(self):
        assert len(parse_decisions("\n".join(f"{n % 99}. 事项" for n in range(500)), HELD)) == 60


def minutes(**fields) -> Minutes:
    return Minutes.objects.create(**{"title": "推进会", "held_on": HELD, "text": TEXT} | fields)


def _measure(title="摸底") -> Measure:
    return Measure(task=Task.objects.get(number=1), title=title, body="市财政局")


@pytest.mark.django_db
class TestSplitting:
    def test_a_decision_becomes_a_measure_once(self):
        city, row = make.city_officer(), minutes()
        split_minutes(row, [_measure()], by=city)
        assert list(row.measures.values_list("title", flat=True)) == ["摸底"]
        with pytest.raises(ValidationError, match="已经从这份纪要拆成举措"):
            split_minutes(row, [_measure()], by=city)
        with pytest.raises(ValidationError, match="至少勾选一条"):
            split_minutes(row, [], by=city)

    def test_a_district_cannot_split_minutes(self):
        with pytest.raises(PermissionDenied):
            split_minutes(minutes(), [_measure()], by=make.district_officer())

    def test_the_page_offers_parsed_decisions_and_creates_ticked_ones(self, signed_in):
        city, row = make.city_officer(), minutes()
        authority = make.organisation("district", "金普新区科技局", stat_region=make.region("jinpu"))
        client, path = signed_in(city), reverse("admin:mechanism_minutes_decisions", args=[row.public_id])
        page = client.get(path)
        assert page.status_code == 200
        lines = page.context["formset"]
        assert (
            lines.forms[1]["organisation"].value() == authority.pk
            or lines.forms[1].initial["organisation"] == authority
        )
        data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2"}
        data |= {
            "form-0-wanted": "on",
            "form-0-title": "公布中试空档",
            "form-0-task": str(Task.objects.get(number=9).pk),
            "form-0-organisation": str(authority.pk),
            "form-0-due_on": "2026-12-31",
            "form-1-title": "不要的一条",
        }
        assert client.post(path, data).status_code == 302
        made = Measure.objects.get()
        assert (made.title, made.organisation, made.due_on, made.minutes) == (
            "公布中试空档",
            authority,
            date(2026, 12, 31),
            row,
        )

    def test_a_ticked_line_without_task_or_body_is_rejected(self, signed_in):
        row = minutes()
        path = reverse("admin:mechanism_minutes_decisions", args=[row.public_id])
        data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-wanted": "on", "form-0-title": "事项"}
        answer = signed_in(make.city_officer()).post(path, data)
        assert answer.status_code == 422
        assert "请选择这一条属于哪项任务" in answer.content.decode()
        assert not Measure.objects.exists()
