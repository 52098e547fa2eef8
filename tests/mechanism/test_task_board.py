"""The page of the nine tasks and a measure's page: what each sees there, and what is counted."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mechanism.models import Evidence, Fund, Measure, Milestone, Task
from mechanism.services.measures import report_measure
from mechanism.task_counts import COUNTS, count_tasks
from tests import factories as make
from tests.achievements import uploads

pytestmark = pytest.mark.django_db
BOARD = "/admin/mechanism/task/board/"


def measure(region="jinpu", **fields) -> Measure:
    unit = make.region(region)
    authority = make.organisation("district", f"{unit.name}科技局", stat_region=unit)
    values = {"task": Task.objects.get(number=3), "title": "组织企业会前对接", "organisation": authority} | fields
    return Measure.objects.create(**values)


class TestBoard:
    def test_the_city_sees_all_nine_and_the_overdue_first(self, signed_in):
        today = timezone.localdate()
        measure(title="以后的事", due_on=today + timedelta(days=60))
        measure(title="过期的事", due_on=today - timedelta(days=1))
        page = signed_in(make.city_officer()).get(BOARD)
        assert [line["task"].number for line in page.context["tasks"]] == list(range(1, 10))
        text = page.content.decode()
        assert text.index("过期的事") < text.index("以后的事")
        assert "逾期 1" in text

    def test_a_district_sees_its_own_and_no_sums_of_the_city(self, signed_in):
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

    def test_narrowed_to_a_state(self, signed_in):
        client = signed_in(make.city_officer())
        measure(title="没开始的事")
        measure(title="过期的事", due_on=timezone.localdate() - timedelta(days=1))
        text = client.get(BOARD + "?state=overdue").content.decode()
        assert "过期的事" in text
        assert "没开始的事" not in text
        assert client.get(BOARD + "?state=nonsense").status_code == 200

    def test_costs_the_same_at_one_and_at_three(self, signed_in):
        city = make.city_officer()
        client = signed_in(city)
        report_measure(measure(owner=city), text="已摸底", by=city)
        client.get(BOARD)
        with CaptureQueriesContext(connection) as one:
            client.get(BOARD)
        for number in range(2):
            other = measure(title=f"另一项{number}", owner=make.district_officer("jinpu"))
            report_measure(other, text="已摸底", by=city)
        with CaptureQueriesContext(connection) as three:
            client.get(BOARD)
        assert len(one) == len(three)


class TestCounts:
    def test_every_task_has_some_and_each_answers(self):
        city = make.city_officer()
        found = count_tasks(city)
        assert sorted(found) == list(range(1, 10))
        assert sum(len(lines) for lines in found.values()) == len(COUNTS)

    def test_each_counts_what_it_says(self):
        number = {str(one.label): one.number for one in COUNTS}
        make.achievement(evaluation="acceptance", evaluated_by="省科技厅")
        make.achievement(registered=False)
        make.agency("大连演示技术转移中心")
        make.agency("还没有核验的机构", verified=False)
        assert number["入库成果"]() == 1
        assert number["有第三方评价"]() == 1
        assert number["供给院校"]() == 1
        assert number["技术转移机构"]() == 1
        assert number["技术评估机构"]() == 0

    def test_a_district_is_told_of_its_own_units_only(self):
        make.demand(firm=make.firm(region_code="jinpu"))
        make.demand(firm=make.firm(region_code="gaoxin"))
        jinpu = {str(one.label): value for one, value in count_tasks(make.district_officer("jinpu"))[3]}
        assert jinpu["公开的需求"] == 1
        assert "对接活动" not in jinpu  # has no reporting unit

    def test_lists_they_lead_to_open_and_keep_their_filter(self, signed_in):
        client = signed_in(make.city_officer())
        for one in COUNTS:
            if one.list_name:
                path = reverse(f"admin:{one.list_name}_changelist") + (f"?{one.query}" if one.query else "")
                assert client.get(path).status_code == 200, one.label


class TestMeasurePage:
    def post(self, client, one, **fields):
        return client.post(reverse("admin:mechanism_measure_step", args=[one.public_id]), fields)

    def test_each_step_from_the_page(self, signed_in):
        user, one = make.district_officer("jinpu"), measure()
        client, today = signed_in(user), timezone.localdate()
        milestone = Milestone.objects.create(measure=one, title="摸底", due_on=today)
        assert self.post(client, one, step="report", **{"report-text": "已联系 20 家"}).status_code == 302
        assert self.post(client, one, step="comment", **{"comment-text": "缺名单"}).status_code == 302
        assert self.post(client, one, step="reach", which=str(milestone.pk)).status_code == 302
        file = SimpleUploadedFile("名单.pdf", uploads.PDF)
        assert self.post(client, one, step="file", **{"file-file": file}).status_code == 302
        link = {"link-name": "报道", "link-link": "https://example.cn/a"}
        assert self.post(client, one, step="link", **link).status_code == 302
        kept = Evidence.objects.exclude(file="").get()
        answer = client.get(reverse("admin:mechanism_evidence", args=[kept.public_id]))
        assert b"".join(answer.streaming_content) == uploads.PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert self.post(client, one, step="remove", which=kept.public_id).status_code == 302
        assert client.get(reverse("admin:mechanism_evidence", args=[kept.public_id])).status_code == 404
        assert self.post(client, one, step="finish").status_code == 302
        text = client.get(reverse("admin:mechanism_measure_page", args=[one.public_id])).content.decode()
        for words in ("已联系 20 家", "缺名单", "已达到", "报道", "已完成"):
            assert words in text

    def test_what_is_refused_comes_back_with_what_was_typed(self, signed_in):
        client, one = signed_in(make.district_officer("jinpu")), measure()
        answer = self.post(client, one, step="link", **{"link-name": "写了一半", "link-link": "不是网址"})
        assert answer.status_code == 422
        assert "写了一半" in answer.content.decode()
        assert self.post(client, one, step="report").status_code == 422
        assert self.post(client, one, step="nonsense").status_code == 404
        assert self.post(client, one, step="drop", **{"drop-reason": "不做了"}).status_code == 403
        assert self.post(client, one, step="reach", which="x").status_code == 404

    def test_the_auditor_reads_and_does_nothing(self, signed_in):
        client, one = signed_in(make.auditor()), measure()
        page = client.get(reverse("admin:mechanism_measure_page", args=[one.public_id]))
        assert page.status_code == 200
        assert page.context["forms"] == {}
        assert self.post(client, one, step="report", **{"report-text": "看过"}).status_code == 403
