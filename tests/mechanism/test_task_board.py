"""The task board, its counts, and the page of a measure."""

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achievements.models import Achievement
from mechanism.kpi.period import parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.task_board import count_tasks
from mechanism.models import Evidence, Fund, Measure, Milestone, Task
from mechanism.services.measures import report_measure
from tests import factories as make
from tests.achievements import uploads
from tests.mechanism.kpi.fixtures import make_complete_case

pytestmark = pytest.mark.django_db
BOARD = "/admin/mechanism/task/board/"


def measure(region="jinpu", **fields) -> Measure:
    unit = make.region(region)
    authority = make.organisation("district", f"{unit.name}科技局", stat_region=unit)
    values = {"task": Task.objects.get(number=3), "title": "组织企业会前对接", "organisation": authority} | fields
    return Measure.objects.create(**values)


class TestBoard:
    def test_city_staff_see_nine_tasks_with_overdue_measures_first(self, signed_in):
        today = timezone.localdate()
        measure(title="以后的事", due_on=today + timedelta(days=60))
        measure(title="过期的事", due_on=today - timedelta(days=1))
        page = signed_in(make.city_officer()).get(BOARD)
        assert [line["task"].number for line in page.context["tasks"]] == list(range(1, 10))
        text = page.content.decode()
        assert text.index("过期的事") < text.index("以后的事")
        assert "逾期 1" in text

    def test_a_district_sees_its_own_measures_and_no_city_sums(self, signed_in):
        measure(title="自己的事")
        measure("gaoxin", title="别人的事", task=Task.objects.get(number=8))
        Fund.objects.create(
            name="演示基金", kind="angel", manager="某公司", subscribed_wan=33445, valid_from=timezone.localdate()
        )
        page = signed_in(make.district_officer("jinpu")).get(BOARD)
        text = page.content.decode()
        assert "自己的事" in text
        assert "别人的事" not in text
        assert [line["task"].number for line in page.context["tasks"]] == [3]
        assert "33445" not in text

    def test_filter_by_state(self, signed_in):
        client = signed_in(make.city_officer())
        measure(title="没开始的事")
        measure(title="过期的事", due_on=timezone.localdate() - timedelta(days=1))
        text = client.get(BOARD + "?state=overdue").content.decode()
        assert "过期的事" in text
        assert "没开始的事" not in text
        assert client.get(BOARD + "?state=nonsense").status_code == 200

    def test_query_count_is_independent_of_measures(self, signed_in):
        city = make.city_officer()
        client = signed_in(city)
        report_measure(measure(owner=city), text="已摸底", by=city)
        client.get(BOARD)
        with CaptureQueriesContext(connection) as for_one_measure:
            client.get(BOARD)
        for number in range(2):
            other = measure(title=f"另一项{number}", owner=make.district_officer("jinpu"))
            report_measure(other, text="已摸底", by=city)
        with CaptureQueriesContext(connection) as for_three_measures:
            client.get(BOARD)
        assert len(for_one_measure) == len(for_three_measures)


class TestFigures:
    """Row 9 of issue 16: the nine tasks show what 成效数据 shows, with its period, and open to its rows."""

    @pytest.mark.long
    def test_every_number_is_that_of_the_registry_and_opens_its_rows(self, signed_in):
        make_complete_case()
        old = make.achievement(status="transferred")
        Achievement.objects.filter(pk=old.pk).update(registered_at=timezone.now() - timedelta(days=400))
        make.contract(registered_on=timezone.localdate() - timedelta(days=400))
        client, year = signed_in(make.city_officer()), str(timezone.localdate().year)
        page = client.get(BOARD)
        assert [line["task"].number for line in page.context["tasks"]] == list(range(1, 10))
        numbers = [number for line in page.context["tasks"] for number in line["counts"]]
        assert all(line["counts"] for line in page.context["tasks"])
        for number in numbers:
            address = urlsplit(number.rows_url)
            query = dict(parse_qsl(address.query))
            assert query["period"] == year, number.label
            records = client.get(number.rows_url)
            counted = number.counted
            part = next((part for part in counted.parts if part.part.key == query.get("part")), None)
            assert records.context["page"].paginator.count == (part or counted).totals.rows, number.label
            shown = client.get(reverse("figure", args=[number.shown.key]), query).context["counted"]
            assert shown.value == counted.value, number.label
        by_label = {number.label: number.text for number in numbers}
        assert (by_label["登记技术合同"], by_label["入库项目"], by_label["新入库项目"]) == ("1", "2", "1")
        assert (by_label["已转化"], by_label["合作意向"], by_label["技术转移"]) == ("1", "1", "1")
        text = page.text
        assert f"期间 {year}年" in text
        assert "其中平台促成" in text and "其中未到账" in text and "其中关联" in text

    @pytest.mark.long
    def test_another_year_and_a_wrong_period(self, signed_in):
        make.contract(registered_on=date(2025, 5, 5))
        client = signed_in(make.city_officer())

        def contracts(period: str) -> str:
            tasks = client.get(BOARD, {"period": period}).context["tasks"]
            return {number.label: number.text for line in tasks for number in line["counts"]}["登记技术合同"]

        assert [contracts(period) for period in ("2025", "2024", "去年")] == ["1", "0", "0"]

    def test_a_district_gets_the_numbers_of_its_units(self):
        make.demand(firm=make.firm(region_code="jinpu"))
        make.demand(firm=make.firm(region_code="gaoxin"))
        scope = FigureScope(parse_period(""), make.district_officer("jinpu"))
        jinpu = {number.label: number.text for numbers in count_tasks(scope).values() for number in numbers}
        assert jinpu["公开的需求"] == "1"
        assert "存续基金" not in jinpu  # funds have no reporting unit


class TestMeasurePage:
    def post(self, client, row, **fields):
        return client.post(reverse("admin:mechanism_measure_step", args=[row.public_id]), fields)

    def test_all_steps_on_the_page(self, signed_in):
        user, row = make.district_officer("jinpu"), measure()
        client, today = signed_in(user), timezone.localdate()
        milestone = Milestone.objects.create(measure=row, title="摸底", due_on=today)
        assert self.post(client, row, step="report", **{"report-text": "已联系 20 家"}).status_code == 302
        assert self.post(client, row, step="comment", **{"comment-text": "缺名单"}).status_code == 302
        assert self.post(client, row, step="reach", which=str(milestone.pk)).status_code == 302
        file = SimpleUploadedFile("名单.pdf", uploads.PDF)
        assert self.post(client, row, step="file", **{"file-file": file}).status_code == 302
        link = {"link-name": "报道", "link-link": "https://example.cn/a"}
        assert self.post(client, row, step="link", **link).status_code == 302
        kept = Evidence.objects.exclude(file="").get()
        answer = client.get(reverse("admin:mechanism_evidence", args=[kept.public_id]))
        assert b"".join(answer.streaming_content) == uploads.PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert self.post(client, row, step="remove", which=kept.public_id).status_code == 302
        assert client.get(reverse("admin:mechanism_evidence", args=[kept.public_id])).status_code == 404
        assert self.post(client, row, step="finish").status_code == 302
        text = client.get(reverse("admin:mechanism_measure_page", args=[row.public_id])).content.decode()
        for words in ("已联系 20 家", "缺名单", "已达到", "报道", "已完成"):
            assert words in text

    def test_rejected_forms_keep_their_input(self, signed_in):
        client, row = signed_in(make.district_officer("jinpu")), measure()
        answer = self.post(client, row, step="link", **{"link-name": "写了一半", "link-link": "不是网址"})
        assert answer.status_code == 422
        assert "写了一半" in answer.content.decode()
        assert self.post(client, row, step="report").status_code == 422
        assert self.post(client, row, step="nonsense").status_code == 404
        assert self.post(client, row, step="drop", **{"drop-reason": "不做了"}).status_code == 403
        assert self.post(client, row, step="reach", which="x").status_code == 404

    def test_the_auditor_only_reads(self, signed_in):
        client, row = signed_in(make.auditor()), measure()
        page = client.get(reverse("admin:mechanism_measure_page", args=[row.public_id]))
        assert page.status_code == 200
        assert page.context["forms"] == {}
        assert self.post(client, row, step="report", **{"report-text": "看过"}).status_code == 403
