"""Funds, investments, ventures and agencies: querysets by date, constraints, visibility."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from brokers.models import Agency
from mechanism.kpi.counting import count_figure
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import Fund, FundProject, Investment, Venture
from mechanism.services.fund_projects import advance_project, drop_project, invest_in_project, mark_seen
from tests import factories as make

pytestmark = pytest.mark.django_db


def fund(**fields) -> Fund:
    values = {
        "name": "大连演示天使基金",
        "kind": "angel",
        "manager": "演示管理公司",
        "subscribed_wan": Decimal(10000),
        "paid_in_wan": Decimal(4000),
        "valid_from": date(2024, 1, 1),
    } | fields
    made = Fund(**values)
    made.full_clean()
    made.save()
    return made


class TestFunds:
    def test_active_from_first_to_last_day(self):
        row = fund(valid_to=date(2025, 12, 31))
        on = lambda day: Fund.objects.active(day).exists()  # noqa: E731
        assert [on(date(2023, 12, 31)), on(row.valid_from), on(row.valid_to), on(date(2026, 1, 1))] == [
            False,
            True,
            True,
            False,
        ]

    @pytest.mark.parametrize(
        ("broken", "says"),
        [
            ({"subscribed_wan": Decimal(-1), "paid_in_wan": Decimal(-2)}, "0|负数"),
            ({"paid_in_wan": Decimal(10001)}, "实缴规模不能超过认缴规模"),
            ({"valid_to": date(2023, 1, 1)}, "不能早于设立日期"),
        ],
    )
    def test_invalid_values_are_rejected_by_validation_and_database(self, broken, says):
        with pytest.raises(ValidationError, match=says):
            fund(**broken)
        row = fund()
        with pytest.raises(IntegrityError), transaction.atomic():
            Fund.objects.filter(pk=row.pk).update(**broken)

    def test_only_city_staff_and_auditor_see_funds(self):
        fund()
        seen = [make.city_officer(), make.auditor()]
        not_seen = [make.district_officer(), make.firm_officer(), make.institution_officer(), make.sysadmin()]
        assert all(Fund.objects.visible_to(user).exists() for user in seen)
        assert not any(Fund.objects.visible_to(user).exists() for user in not_seen)

    def test_export_includes_investments(self, signed_in):
        row = fund()
        Investment.objects.create(fund=row, target="大连某新公司", amount_wan=300, invested_on=date(2025, 5, 5))
        data = {"action": "export", "_selected_action": [row.pk], "index": "0"}
        answer = signed_in(make.city_officer()).post(reverse("admin:mechanism_fund_changelist"), data)
        rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
        assert rows[-1][0] == "大连演示天使基金"
        assert rows[-1][-2:] == (1, 300)


class TestSizes:
    def count(self, key: str, year: int):
        return count_figure(FIGURES[key], FigureScope(year_period(year))).totals.total

    def test_a_size_raised_today_leaves_the_figures_of_earlier_years(self):
        """However it is changed: here by an UPDATE that no service sees."""
        today = timezone.localdate()
        row = fund(valid_from=date(today.year - 2, 3, 1))
        before = self.count("funds", today.year - 1), self.count("funds_paid_in", today.year - 1)
        Fund.objects.filter(pk=row.pk).update(subscribed_wan=50000, paid_in_wan=9000)
        assert (self.count("funds", today.year - 1), self.count("funds_paid_in", today.year - 1)) == before
        assert (self.count("funds", today.year), self.count("funds_paid_in", today.year)) == (50000, 9000)
        Fund.objects.filter(pk=row.pk).update(subscribed_wan=45000)  # again on the same day
        assert [(size.from_on, size.subscribed_wan) for size in row.sizes.all()] == [
            (row.valid_from, 10000),
            (today, 45000),
        ]

    def test_the_office_enters_what_it_learns_late(self):
        today = timezone.localdate()
        row = fund(valid_from=date(today.year - 2, 3, 1))
        Fund.objects.filter(pk=row.pk).update(subscribed_wan=50000)
        row.sizes.create(from_on=date(today.year - 1, 7, 1), subscribed_wan=30000, paid_in_wan=4000)
        totals = [self.count("funds", year) for year in (today.year - 2, today.year - 1, today.year)]
        assert totals == [10000, 30000, 50000]

    def test_what_is_no_size_changes_no_history(self):
        row = fund()
        row.note = "更名"
        row.save()
        assert not row.sizes.exists()


class TestInvestments:
    @pytest.mark.parametrize("broken", [{"amount_wan": 0}, {"amount_wan": -5}, {"target": ""}])
    def test_amount_and_target_are_required(self, broken):
        values = {"target": "某公司", "amount_wan": 100, "invested_on": date(2025, 5, 1)} | broken
        with pytest.raises(ValidationError):
            Investment(fund=fund(), **values).full_clean()

    def test_the_recording_user_is_stored(self, signed_in):
        row, city = fund(), make.city_officer()
        data = {
            **{name: getattr(row, name) for name in ("name", "kind", "manager", "subscribed_wan", "paid_in_wan")},
            "valid_from": "2024-01-01",
            "sizes-TOTAL_FORMS": "0",
            "sizes-INITIAL_FORMS": "0",
            "investments-TOTAL_FORMS": "1",
            "investments-INITIAL_FORMS": "0",
            "investments-0-target": "某公司",
            "investments-0-amount_wan": "50",
            "investments-0-invested_on": "2025-05-01",
        }
        answer = signed_in(city).post(reverse("admin:mechanism_fund_change", args=[row.pk]), data)
        assert answer.status_code == 302, answer.context["errors"]
        assert Investment.objects.get().recorded_by == city


class TestVentures:
    def test_founded_ventures_need_a_date_and_a_unique_code(self):
        values = {"achievement": make.achievement(), "region": make.region()}
        with pytest.raises(ValidationError, match="成立日期"):
            Venture(name="甲公司", stage="founded", **values).full_clean()
        code = "91210200MADEM0001W"
        Venture.objects.create(name="乙公司", credit_code=code, **values)
        with pytest.raises(ValidationError, match="已有公司使用"):
            Venture(name="丙公司", credit_code=code, **values).full_clean()

    def test_founded_in_a_period(self):
        values = {"achievement": make.achievement(), "region": make.region(), "stage": "founded"}
        for year in (2023, 2024, 2025):
            Venture.objects.create(name=f"{year} 公司", founded_on=date(year, 6, 1), **values)
        assert Venture.objects.founded(date(2024, 1, 1), date(2024, 12, 31)).count() == 1
        Venture.objects.filter(founded_on__year=2025).update(stage="closed")
        assert Venture.objects.active().count() == 2

    def test_a_district_sees_its_ventures(self):
        for code in ("jinpu", "gaoxin"):
            Venture.objects.create(name=f"{code} 公司", achievement=make.achievement(), region=make.region(code))
        assert [venture.name for venture in Venture.objects.visible_to(make.district_officer("jinpu"))] == [
            "jinpu 公司"
        ]
        assert not Venture.objects.visible_to(make.firm_officer()).exists()


class TestAgencies:
    def test_verified_agencies_are_counted_by_kind(self):
        agency = make.agency("大连演示转移中心")
        make.agency("没有核验的", verified=False)
        asleep = make.agency("停用的")
        asleep.organisation.is_active = False
        asleep.organisation.save()
        today = timezone.localdate()
        assert list(Agency.objects.listed_on()) == [agency]
        assert list(Agency.objects.listed_on(today)) == [agency]
        assert not Agency.objects.listed_on(date(2020, 1, 1)).exists()
        assert Agency.objects.listed_on().by_kind() == {
            "transfer": 1,
            "evaluation": 0,
            "pilot": 0,
            "commercialisation": 0,
        }


class TestProjects:
    """看过 → 尽调 → 投决 → 投资 or 放弃, by the managers of the fund."""

    @pytest.fixture
    def managed(self):
        agency = make.agency("大连演示基金管理公司").organisation
        row = fund(organisation=agency)
        achievement = make.achievement(title="海水制氢电极", funds_needed_wan=500, published_at=timezone.now())
        return row, achievement, make.user("broker", agency)

    def test_a_project_goes_its_steps_and_ends_in_an_investment(self, managed, signed_in):
        row, achievement, manager = managed
        client = signed_in(manager)
        assert achievement.title in client.get(reverse("fund_achievements")).content.decode()
        path = reverse("fund_mark", args=[row.public_id])
        client.post(path, {"achievement": achievement.public_id})
        client.post(path, {"achievement": achievement.public_id})  # twice is once
        project = FundProject.objects.get()
        page, step = (reverse(name, args=[project.public_id]) for name in ("fund_project", "fund_project_step"))
        client.post(step, {"step": "advance", "advance-note": "团队稳定"})
        client.post(step, {"step": "advance"})
        today = str(timezone.localdate())
        wrong = {"step": "invest", "invest-amount_wan": "10001", "invest-invested_on": today}
        assert client.post(step, wrong).status_code == 422  # more than the fund has
        assert client.post(step, wrong | {"invest-amount_wan": "300"}).status_code == 302
        project.refresh_from_db()
        investment = project.investment
        assert (project.stage, investment.amount_wan, investment.recorded_by) == ("invested", 300, manager)
        assert [entry.stage for entry in project.steps.all()] == ["seen", "diligence", "committee", "invested"]
        assert not Investment.objects.confirmed_by_all_parties().exists()  # the institution confirms it as any other
        assert "300 万元" in client.get(page).content.decode()
        city = signed_in(make.city_officer())
        assert f"?fund={row.public_id}&amp;stage=invested" in city.get(reverse("fund_projects")).content.decode()
        assert city.post(step, {"step": "drop", "drop-reason": "x"}).status_code == 403

    def test_a_company_and_a_pair_in_talks_are_projects_too(self, managed, signed_in):
        row, _achievement, manager = managed
        client, path = signed_in(manager), reverse("fund_mark", args=[row.public_id])
        firm = make.firm("大连海蓝电极有限公司")
        company = Venture.objects.create(
            name=firm.name, achievement=make.achievement(), organisation=firm, region=make.region("jinpu"),
            stage="founded", founded_on=date(2025, 1, 1),
        )  # fmt: skip
        client.post(path, {"company": company.name})
        assert not FundProject.objects.exists(), "its parties have not confirmed it"
        make.confirmed(company)
        client.post(path, {"company": company.name})
        client.post(path, {"company": company.name})  # twice is once
        pair = make.match()
        follow_up = make.follow_up(pair)
        assert client.post(path, {"pair": follow_up.public_id}).status_code == 404
        with pytest.raises(PermissionDenied):
            mark_seen(row, pair, by=manager)
        project = FundProject.objects.get()
        assert (project.title, project.kind_label) == (company.name, "孵化企业")
        step = reverse("fund_project_step", args=[project.public_id])
        for _ in range(2):
            client.post(step, {"step": "advance"})
        client.post(step, {"step": "invest", "invest-amount_wan": "300", "invest-invested_on": timezone.localdate()})
        assert (Investment.objects.get().firm, Investment.objects.get().achievement) == (firm, None)
        for name in ("fund_projects", "fund_achievements"):
            assert client.get(reverse(name)).status_code == 200
        assert company.name in client.get(reverse("fund_project", args=[project.public_id])).content.decode()
        with pytest.raises(IntegrityError, match="about_one"), transaction.atomic():
            FundProject.objects.create(fund=row, venture=company, match=pair)

    def test_others_neither_read_nor_act(self, managed, signed_in):
        row, achievement, manager = managed
        project = mark_seen(row, achievement, by=manager)
        stranger = make.user("broker", make.agency("另一家机构").organisation)
        fund(name="另一支基金", organisation=stranger.memberships.get().organisation)
        for user in (stranger, make.institution_officer(achievement.institution), make.firm_officer()):
            client = signed_in(user)
            assert client.get(reverse("fund_project", args=[project.public_id])).status_code == 404
            path = reverse("fund_mark", args=[row.public_id])
            assert client.post(path, {"achievement": achievement.public_id}).status_code == 404
            for act in (
                lambda by: advance_project(project, note="", by=by),
                lambda by: drop_project(project, reason="不看了", by=by),
                lambda by: invest_in_project(project, amount_wan=1, invested_on=timezone.localdate(), by=by),
            ):
                with pytest.raises(PermissionDenied):
                    act(user)

    def test_no_step_is_left_out_and_the_end_is_the_end(self, managed):
        row, achievement, manager = managed
        project = mark_seen(row, achievement, by=manager)
        with pytest.raises(ValidationError, match="看过，不能这样改"):
            invest_in_project(project, amount_wan=Decimal(1), invested_on=timezone.localdate(), by=manager)
        assert not Investment.objects.exists()
        with pytest.raises(ValidationError, match="放弃的原因"):
            drop_project(project, reason=" ", by=manager)
        drop_project(project, reason="专利还没有授权", by=manager)
        with pytest.raises(ValidationError, match="放弃"):
            advance_project(project, note="", by=manager)
        assert mark_seen(row, achievement, by=manager).stage == "seen"  # another year

    def test_what_seeks_no_money_is_not_marked(self, managed):
        row, achievement, manager = managed
        hidden = make.achievement(registered=False, funds_needed_wan=500)
        with pytest.raises(ValidationError, match="没有公开寻求资金"):
            mark_seen(row, hidden, by=manager)
        type(row).objects.filter(pk=row.pk).update(valid_to=date(2025, 12, 31))
        with pytest.raises(ValidationError, match="不在存续期"):
            mark_seen(row, achievement, by=manager)
