"""Extra rows, errors with anchors and differences, tested with the forms of the workbench."""

import pytest
from django.http import QueryDict

from achievements.forms import AchievementForm
from demands.forms import DemandForm
from portal import form_display
from tests import factories as make

pytestmark = pytest.mark.django_db


def posted(**fields) -> QueryDict:
    data = QueryDict(mutable=True)
    for prefix in ("indicators", "intellectual_property", "completers"):
        data.update({f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"})
    for name, value in fields.items():
        data.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return data


def typed(form, prefix: str) -> list[str]:
    (formset,) = [section.formset for section in form.sections if section.formset and section.formset.prefix == prefix]
    return [row["name"].value() or "" for row in formset.forms]


def test_extra_row_keeps_values_and_shows_no_errors():
    data = posted(title="轴承减磨", indicators__0__name="循环寿命", indicators__0__value="很多")
    more = form_display.with_extra_row(data, "indicators")
    form = form_display.without_errors(AchievementForm(more, by=make.institution_officer()))
    assert typed(form, "indicators") == ["循环寿命", ""]
    assert typed(form, "completers") == [""]
    assert form["title"].value() == "轴承减磨"
    assert form_display.form_errors(form) == []
    assert not any(bound.errors for section in form.sections for bound in section.fields)
    assert data["indicators-TOTAL_FORMS"] == "1"  # the posted data itself stays


@pytest.mark.parametrize("prefix", ["nothing", "", "title"])
def test_extra_row_of_an_unknown_formset_changes_nothing(prefix):
    data = posted(title="轴承减磨")
    assert form_display.with_extra_row(data, prefix) == data


def test_number_of_rows_is_limited():
    data = posted(indicators__TOTAL_FORMS="99999999999")
    form = AchievementForm(form_display.with_extra_row(data, "indicators"), by=make.institution_officer())
    assert len(typed(form, "indicators")) <= 1050


def test_form_errors_name_field_and_row_in_page_order():
    data = posted(title="轴承减磨", indicators__0__name="循环寿命", indicators__0__value="不是数")
    errors = form_display.form_errors(AchievementForm(data, by=make.institution_officer()))
    texts = [error.text for error in errors]
    assert texts[0].startswith("第一完成单位：")
    (row,) = [error for error in errors if "第 1 行" in error.text]
    assert row.text.startswith("技术指标第 1 行“") and row.anchor.startswith("id_indicators-0-")
    anchors = [error.anchor for error in errors]
    assert anchors.index("id_summary") < anchors.index(row.anchor) < anchors.index("id_stage")
    assert not any(text.startswith("成果名称") for text in texts)


def test_errors_of_the_whole_form_come_first():
    form = DemandForm(posted(title="减磨"), by=make.firm_officer())
    form.is_valid()
    form.add_error(None, "这一项刚被修改过。")
    assert form_display.form_errors(form)[0] == ("这一项刚被修改过。", "")


def test_differences_show_stored_and_typed_values_as_labels():
    firm = make.firm()
    officer = make.firm_officer(firm)
    demand = make.demand(published=False, firm=firm, title="减磨", transfer_ways=["licence"], is_anonymous=False)
    demand.indicators.create(name="寿命", comparison="ge", value="800", unit="次", order=1)
    fresh = DemandForm(instance=demand, by=officer)
    same = posted(
        title="减磨",
        kind=demand.kind,
        problem=demand.problem,
        transfer_ways=["licence"],
        budget="面议",
        contact_name="别人",
        disclosure="full",
        indicators__0__name="寿命",
        indicators__0__comparison="ge",
        indicators__0__value="800",
        indicators__0__unit="次",
    )
    assert form_display.differences(DemandForm(same, instance=demand, by=officer), fresh) == []
    other = same.copy()
    other.update({"title": "降噪", "is_anonymous": "on", "indicators-0-value": "900"})
    other["title"] = "降噪"
    other["indicators-0-value"] = "900"
    other.setlist("transfer_ways", ["licence", "transfer"])
    differences = {
        difference.label: difference[1:]
        for difference in form_display.differences(DemandForm(other, instance=demand, by=officer), fresh)
    }
    assert differences["需求名称"] == ("减磨", "降噪")
    assert differences["匿名发布"] == ("否", "是")
    stored, typed_text = differences["期望合作方式"]
    assert "、" not in stored and set(typed_text.split("、")) > {stored} and "licence" not in typed_text
    assert ("800" in differences["技术指标"][0], "900" in differences["技术指标"][1]) == (True, True)
    assert len(differences) == 4


def test_set_bound_value_changes_the_shown_value_only():
    data = posted(seen_at="then")
    form = DemandForm(data, by=make.firm_officer())
    form_display.set_bound_value(form, "seen_at", "now")
    assert (form["seen_at"].value(), data["seen_at"]) == ("now", "then")
