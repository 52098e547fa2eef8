import pytest

from accounts.models import Contact
from achievements.forms import AchievementForm
from achievements.models import Achievement
from achievements.services.editing import update_achievement
from audit.models import AuditRecord
from taxonomy.models import Industry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return factories.institution_officer()


def formset(name, *rows):
    data = {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": 0}
    return data | {f"{name}-{at}-{field}": value for at, row in enumerate(rows) for field, value in row.items()}


def filled(office, **changes):
    institution = next(iter(office.scope.institution_ids), factories.institution().pk)
    return (
        {
            "title": "高镍三元正极材料表面包覆技术",
            "institution": institution,
            "lead_person": "示例人",
            "category": "applied",
            "form": "material",
            "industry": Industry.objects.get(slug="materials").pk,
            "keywords": "三元正极；表面包覆",
            "summary": "在正极颗粒表面生成包覆层，抑制副反应，提高循环寿命。",
            "stage": "middle",
            "maturity_scale": "trl9",
            "maturity_level": "6",
            "standing": "not_evaluated",
            "transfer_ways": ["licence", "equity"],
            "price_min_wan": "50",
            "price_max_wan": "100",
            "willingness": "willing",
            "contact_name": "示例联系人",
            "contact_phone": "0411-00000000",
            "non_secret_confirmed": "on",
        }
        | formset("indicators", {"name": "循环寿命", "comparison": "ge", "value": "2000", "unit": "次"})
        | formset("intellectual_property", {"kind": "invention", "number": "ZL202210000000.1"})
        | formset("completers", {"name": "甲"}, {"name": ""})
        | changes
    )


def saved(form):
    assert form.is_valid(), (form.errors, [formset.errors for formset in form.formsets.values()])
    return form.save()


def reopened(achievement, office, **changes):
    """The form of a stored achievement with the data that its page posts."""
    page = AchievementForm(instance=achievement, by=office)
    data = filled(office) | {"contact_name": "", "contact_phone": "", "contact": achievement.contact_id or ""}
    return AchievementForm(
        data | {"seen": page["seen"].value()} | changes, instance=Achievement.objects.get(pk=achievement.pk), by=office
    )


def test_a_valid_form_creates_a_draft(office):
    made = saved(AchievementForm(filled(office), by=office))
    made.refresh_from_db()
    assert made.keywords == ["三元正极", "表面包覆"]
    assert made.transfer_ways == ["licence", "equity"]
    assert [str(row) for row in made.indicators.all()] == ["循环寿命 ≥ 2000 次"]
    assert [row.name for row in made.completers.all()] == ["甲"]
    assert (made.contact.name, made.contact.consented_at) == ("示例联系人", None)


def test_the_sections_contain_each_field_and_formset_once():
    form = AchievementForm(by=factories.city_officer())
    names = [field.name for section in form.sections for field in section.fields]
    assert len(names) == len(set(names))
    assert {*names, "seen"} == set(form.fields)
    assert [section.formset for section in form.sections if section.formset] == [
        form.formsets["completers"],
        form.formsets["indicators"],
        form.formsets["intellectual_property"],
    ]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"non_secret_confirmed": ""}, "non_secret_confirmed", ""),
        ({"keywords": "一；二；三；四"}, "keywords", "最多 3 个"),
        ({"contact_phone": "12"}, "contact_phone", "不像电话号码"),
        ({"contact_phone": ""}, "contact_name", "电话或邮箱"),
        ({"transfer_ways": []}, "transfer_ways", ""),
        ({"maturity_level": "12"}, "__all__", "成熟度等级超出"),
        ({"title": "名" * 201}, "title", "200"),
    ],
)
def test_errors_are_on_their_field(office, changes, field, sentence):
    form = AchievementForm(filled(office, **changes), by=office)
    assert not form.is_valid()
    assert sentence in form.errors[field][0]


def test_an_invalid_row_makes_the_form_invalid(office):
    form = AchievementForm(
        filled(office, **formset("indicators", {"name": "循环寿命", "comparison": "ge", "value": ""})), by=office
    )
    assert not form.is_valid()
    assert "value" in form.formsets["indicators"].errors[0]


def test_service_errors_are_on_the_form(office):
    form = AchievementForm(filled(office, summary="机密★ 某材料的制备方法与用途。"), by=office)
    assert saved(form) is None
    assert "涉密" in form.errors["summary"][0]
    assert not Achievement.objects.exists()
    assert not Contact.objects.exists()


def test_choices_are_own_institutions_and_their_contacts(office):
    other = factories.institution("大连大学")
    contact = Contact.objects.create(organisation=other, name="外人", phone="0411-11111111")
    form = AchievementForm(filled(office, institution=other.pk), by=office)
    assert "institution" in form.fields and not form.is_valid()
    assert "institution" in form.errors
    assert not form.fields["contact"].queryset.contains(contact)
    city = AchievementForm(filled(office, contact=contact.pk), by=factories.city_officer())
    assert not city.is_valid()
    assert "不是这个单位的" in city.errors["contact"][0]


def test_contact_choices_are_masked(office):
    made = saved(AchievementForm(filled(office), by=office))
    page = str(AchievementForm(instance=made, by=office)["contact"])
    assert "示****" in page
    assert "示例联系人" not in page
    assert "0411-00000000" not in page


def test_an_unchanged_form_changes_nothing(office):
    made = saved(AchievementForm(filled(office), by=office))
    before = made.updated_at
    x = saved(reopened(made, office))
    print([r.changes for r in AuditRecord.objects.filter(action="修改")])
    assert x.updated_at == before
    assert not AuditRecord.objects.filter(action="修改").exists()


def test_posting_the_rendered_page_changes_nothing(office):
    """Uses the management form of the page."""
    made = saved(AchievementForm(filled(office), by=office))
    page = AchievementForm(instance=made, by=office)
    counts = {
        f"{name}-{field}": formset.management_form[field].value()
        for name, formset in page.formsets.items()
        for field in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    assert counts["indicators-INITIAL_FORMS"] == 1
    counts |= {f"indicators-{at}-comparison": "ge" for at in (1, 2)}  # what the select of an empty row sends
    saved(reopened(made, office, **counts))
    assert not AuditRecord.objects.filter(action="修改").exists()


def test_an_emptied_row_is_deleted(office):
    made = saved(AchievementForm(filled(office), by=office))
    saved(
        reopened(
            made,
            office,
            **{
                "indicators-INITIAL_FORMS": 1,
                "indicators-0-name": "",
                "indicators-0-value": "",
                "indicators-0-unit": "",
            },
        )
    )
    assert not made.indicators.exists()


def test_changed_rows_are_stored(office):
    made = saved(AchievementForm(filled(office), by=office))
    rows = formset("indicators", {"name": "容量", "comparison": "ge", "value": "200", "unit": "mAh/g"})
    saved(reopened(made, office, summary="换一个简介，写得清楚些。", **rows))
    made.refresh_from_db()
    assert made.summary == "换一个简介，写得清楚些。"
    assert [str(row) for row in made.indicators.all()] == ["容量 ≥ 200 mAh/g"]
    removed = reopened(made, office, **{"indicators-0-DELETE": "on"})
    saved(removed)
    assert not made.indicators.exists()


@pytest.mark.parametrize("seen", ["", "nonsense"])
def test_a_form_without_version_is_stale(office, seen):
    made = saved(AchievementForm(filled(office), by=office))
    form = reopened(made, office, seen=seen)
    assert not form.is_valid()
    assert "重新打开" in form.errors["seen"][0]


def test_a_stale_form_is_refused(office):
    made = saved(AchievementForm(filled(office), by=office))
    form = reopened(made, office, summary="旧页面上的修改，不应写入。")
    update_achievement(made, {"summary": "别人刚刚写的简介。"}, by=office)
    assert saved(form) is None
    assert "请重新打开页面" in form.non_field_errors()[0]
    made.refresh_from_db()
    assert made.summary == "别人刚刚写的简介。"


def test_title_and_institution_are_locked_after_registration(office):
    registered = factories.achievement()
    form = reopened(registered, office, title="换个名称", lead_person="示例人乙")
    assert saved(form) is not None
    title = registered.title
    registered.refresh_from_db()
    assert (registered.title, registered.lead_person) == (title, "示例人乙")
