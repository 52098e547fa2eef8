"""Policies: evaluation of conditions, hints on pages, prepared applications, publishing."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Role
from accounts.services.members import add_member
from mechanism.models import Policy, PolicyCondition
from mechanism.policy_fit import FIELDS, FitCondition, PolicyFit, condition_error, evaluate_fit, field_choices
from mechanism.policy_hints import facts_of_achievement, facts_of_demand, facts_of_firm, policy_hints
from mechanism.services.policies import publish_policy, unpublish_policy
from tests import factories as make


def condition(subject="achievement", field="bucket", operator="in", value="中试、可产业化", words="到了中试"):
    return FitCondition(subject, field, operator, value, words)


class TestFit:
    @pytest.mark.parametrize(
        ("policy_condition", "value", "holds"),
        [
            (condition(), "中试", True),
            (condition(), "小试", False),
            (condition(), None, None),
            (condition(operator="not_in"), "小试", True),
            (condition(field="ways", value="技术许可，作价入股"), {"作价入股", "技术转让"}, True),
            (condition(field="ways", value="技术许可"), {"技术转让"}, False),
            (condition(field="ways", value="技术许可"), set(), None),
            (condition(field="funds_needed", operator="ge", value="500"), Decimal("500.00"), True),
            (condition(field="funds_needed", operator="ge", value="500"), Decimal("499.99"), False),
            (condition(field="funds_needed", operator="le", value="500"), Decimal("499.99"), True),
            (condition(field="pay_later", operator="yes", value=""), True, True),
            (condition(field="pay_later", operator="no", value=""), True, False),
            (condition(field="pay_later", operator="yes", value=""), None, None),
        ],
    )
    def test_evaluation_of_a_condition(self, policy_condition, value, holds):
        result = evaluate_fit([policy_condition], {"achievement": {policy_condition.field: value}})
        assert (
            result
            == {
                True: PolicyFit(met=(policy_condition.words,)),
                False: PolicyFit(missed=(policy_condition.words,)),
                None: PolicyFit(unknown=(policy_condition.words,)),
            }[holds]
        )

    def test_may_apply_needs_a_met_condition_and_no_contradiction(self):
        met, missed = condition(), condition(field="pay_later", operator="yes", value="", words="可先用")
        facts = {"achievement": {"bucket": "中试", "pay_later": None}}
        assert evaluate_fit([met, missed], facts).may_apply
        assert not evaluate_fit([met, missed], {"achievement": {"bucket": "中试", "pay_later": False}}).may_apply
        assert not evaluate_fit([missed], facts).may_apply  # nothing is known
        assert not evaluate_fit([], facts).may_apply

    def test_conditions_of_a_missing_subject_are_unknown(self):
        firm = condition("firm", "is_local", "yes", "", "企业在大连")
        assert evaluate_fit([condition(), firm], {"achievement": {"bucket": "中试"}}) == PolicyFit(
            met=("到了中试",), unknown=("企业在大连",)
        )

    @pytest.mark.parametrize(
        ("broken", "says"),
        [
            (condition(subject="firm"), "没有这项内容"),
            (condition(operator="ge", value="3"), "只能用"),
            (condition(field="funds_needed", operator="ge", value="很多"), "填数字"),
            (condition(field="funds_needed", operator="ge", value="NaN"), "填数字"),
            (condition(value=" 、 "), "请在“值”里写明"),
        ],
    )
    def test_an_invalid_condition_is_reported_and_never_missed(self, broken, says):
        assert says in condition_error(broken)
        assert evaluate_fit([broken], {"achievement": {broken.field: "中试"}}).missed == ()

    def test_every_field_is_a_choice(self):
        assert {name for name, _label in field_choices()} == {name for fields in FIELDS.values() for name in fields}


def policy(*conditions: FitCondition, **fields) -> Policy:
    values = {
        "title": "成果转化专项资金",
        "source": "公开报道",
        "summary": "给予支持。",
        "valid_from": date(2024, 1, 1),
        "published_at": timezone.now(),
        "materials": "申请表\n合同复印件",
    } | fields
    made = Policy.objects.create(**values)
    for policy_condition in conditions:
        row = PolicyCondition(
            policy=made,
            subject=policy_condition.subject,
            field=policy_condition.field,
            operator=policy_condition.operator,
            value=policy_condition.value,
            words=policy_condition.words,
        )
        row.full_clean()
        row.save()
    return made


@pytest.mark.django_db
class TestFacts:
    def test_facts_cover_all_fields(self):
        """A field without facts would always be unknown."""
        achievement, need = make.achievement(), make.demand()
        facts = facts_of_achievement(achievement) | facts_of_demand(need) | facts_of_firm(need.firm)
        assert {subject: set(known) for subject, known in facts.items()} == {
            subject: set(fields) for subject, fields in FIELDS.items() if subject != "pair"
        }

    def test_facts_use_display_labels(self):
        achievement = make.achievement(maturity_level=6, maturity_bucket="pilot", transfer_ways=["licence"])
        known = facts_of_achievement(achievement)["achievement"]
        assert (known["bucket"], known["ways"], known["is_local"]) == ("中试", {"技术许可"}, True)


@pytest.mark.django_db
class TestHints:
    def test_only_published_policies_in_force_are_hinted(self):
        facts = {"achievement": {"bucket": "中试"}}
        policy(condition())
        policy(condition(), title="草稿", published_at=None)
        policy(condition(), title="过期", valid_to=timezone.localdate() - timedelta(days=1))
        policy(condition(), title="将来", valid_from=timezone.localdate() + timedelta(days=1))
        assert [hint.policy.title for hint in policy_hints(facts)] == ["成果转化专项资金"]

    def test_hints_on_the_page_of_an_achievement(self, client):
        policy(condition())
        achievement = make.achievement(maturity_level=6, maturity_bucket="pilot")
        text = client.get(reverse("achievement_detail", args=[achievement.public_id])).content.decode()
        assert "可能适用，请以原文为准" in text
        assert "到了中试" in text
        other = make.achievement(maturity_level=2, maturity_bucket="concept")
        assert "可能适用" not in client.get(reverse("achievement_detail", args=[other.public_id])).content.decode()

    def test_hints_on_the_workbench_of_firm_and_institution(self, signed_in):
        policy(condition())
        policy(condition("firm", "is_local", "yes", "", "企业在大连"), title="给企业的")
        need, achievement = make.demand(), make.achievement(maturity_level=6, maturity_bucket="pilot")
        firm = signed_in(make.firm_officer(need.firm)).get("/workbench/").content.decode()
        assert "给企业的" in firm
        assert "成果转化专项资金" not in firm
        office = signed_in(make.institution_officer(achievement.institution)).get("/workbench/").content.decode()
        assert "成果转化专项资金" in office
        assert "给企业的" not in office

    def test_hints_for_a_follow_up_only_once_agreed(self, signed_in):
        from matching.models import FollowUp

        policy(condition("pair", "stays_local", "yes", "", "双方都在大连"))
        city = make.city_officer()
        match = make.match(status="accepted", reviewed_by=city, reviewed_at=timezone.now())
        pair = FollowUp.objects.create(match=match, owner=city)
        path = reverse("follow_up", args=[pair.public_id])
        assert "双方都在大连" not in signed_in(city).get(path).content.decode()
        now = timezone.now()
        agreed = {"status": "talks", "agreed_at": now, "next_on": timezone.localdate()}
        FollowUp.objects.filter(pk=pair.pk).update(**agreed, **make.own_words(match))
        assert "双方都在大连" in signed_in(city).get(path).content.decode()


@pytest.mark.django_db
class TestPages:
    def test_only_city_staff_see_a_draft(self, client, signed_in):
        draft = policy(title="草稿政策", published_at=None)
        path = reverse("policy_detail", args=[draft.public_id])
        assert client.get(path).status_code == 404
        assert signed_in(make.firm_officer()).get(path).status_code == 404
        assert signed_in(make.city_officer()).get(path).status_code == 200
        assert "草稿政策" not in client.get(reverse("policy_list")).content.decode()

    def test_expired_policies_are_listed_last_and_marked(self, client):
        policy(title="老政策", valid_to=date(2024, 12, 31))
        policy(title="新政策")
        text = client.get(reverse("policy_list")).content.decode()
        assert text.index("新政策") < text.index("老政策")
        assert "已过有效期" in text

    def test_list_query_count_is_independent_of_rows(self, client, django_assert_num_queries):
        policy()
        client.get(reverse("policy_list"))
        with django_assert_num_queries(2):
            client.get(reverse("policy_list"))
        policy(title="第二条"), policy(title="第三条")
        with django_assert_num_queries(2):
            client.get(reverse("policy_list"))


@pytest.mark.django_db
class TestPreparing:
    def test_application_contains_known_values_and_marks_missing_ones(self, signed_in):
        achievement = make.achievement(title="高镍正极材料", maturity_level=6, maturity_bucket="pilot")
        made = policy(condition())
        client = signed_in(make.institution_officer(achievement.institution))
        path = reverse("policy_prepare", args=[made.public_id]) + f"?item={achievement.public_id}"
        text = client.get(path).content.decode()
        assert "高镍正极材料" in text
        assert "（缺）" in text
        assert "合同复印件" in text
        book = client.get(reverse("policy_prepare_sheet", args=[made.public_id]) + f"?item={achievement.public_id}")
        cells = [str(v) for row in load_workbook(BytesIO(book.content)).active.iter_rows(values_only=True) for v in row]
        assert {"高镍正极材料", "到了中试", "（缺）"} <= set(cells)

    def test_every_item_of_every_own_organisation_can_be_prepared(self, signed_in, monkeypatch):
        monkeypatch.setattr("mechanism.views.workbench.policies.MAX_ITEMS", 2)
        first, second = make.institution("大连甲大学"), make.institution("大连乙大学")
        officer = make.institution_officer(first)
        add_member(officer, second, Role.INSTITUTION, by=None)
        path = reverse("policy_prepare", args=[policy().public_id])
        client = signed_in(officer)
        for unit in (first, second):
            for item in [make.achievement(institution=unit) for _ in range(4)]:
                text = client.get(f"{path}?item={item.public_id}").content.decode()
                assert f"{unit.name}，“{item.title}”" in text
        # the form sends both: with the other organisation chosen, the item of the first is left out
        both = client.get(f"{path}?item={item.public_id}&unit={first.public_id}&q=高镍").content.decode()
        assert f"{first.name}。" in both and item.title not in both

    def test_application_for_foreign_items_and_units_is_refused(self, signed_in):
        foreign = make.demand()
        made = policy()
        client = signed_in(make.firm_officer())
        path = reverse("policy_prepare", args=[made.public_id])
        assert client.get(f"{path}?item={foreign.public_id}").status_code == 404
        assert client.get(f"{path}?unit={foreign.firm.public_id}").status_code == 404
        assert signed_in(make.city_officer()).get(path).status_code == 403

    def test_application_for_a_draft_is_refused(self, signed_in):
        draft = policy(published_at=None)
        path = reverse("policy_prepare", args=[draft.public_id])
        assert signed_in(make.firm_officer()).get(path).status_code == 404


@pytest.mark.django_db
class TestPublishing:
    def test_publish_and_unpublish_once_by_city_staff_only(self):
        city, made = make.city_officer(), policy(published_at=None)
        publish_policy(made, by=city)
        with pytest.raises(ValidationError, match="已经公开"):
            publish_policy(made, by=city)
        unpublish_policy(made, by=city, reason="原文有变")
        with pytest.raises(ValidationError, match="没有公开"):
            unpublish_policy(made, by=city, reason="原文有变")
        for user in (make.district_officer(), make.auditor()):
            with pytest.raises(PermissionDenied):
                publish_policy(made, by=user)
