import pytest
from django import forms

from accounts.models import Contact, Organisation
from audit.changes import changes_of, describe_changes
from tests import factories

pytestmark = pytest.mark.django_db


class FirmForm(forms.ModelForm):
    class Meta:
        model = Organisation
        fields = ["name", "kind", "stat_region", "is_local", "profile"]


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = ["name", "phone"]


def edited(firm, **new) -> FirmForm:
    values = {
        "name": firm.name,
        "kind": firm.kind,
        "stat_region": firm.stat_region_id,
        "is_local": firm.is_local,
        "profile": firm.profile,
    }
    form = FirmForm(values | new, instance=firm)
    assert form.is_valid(), form.errors
    form.save()
    return form


def test_only_what_changed_old_and_new():
    assert changes_of(edited(factories.firm("甲厂"), name="乙厂")) == {"name": ["甲厂", "乙厂"]}


def test_in_the_words_of_the_screen():
    form = edited(factories.firm(), kind="agency", stat_region=factories.region("210202").pk, is_local=False)
    assert changes_of(form) == {
        "kind": ["企业", "服务机构"],
        "stat_region": ["金普新区", "中山区"],
        "is_local": [True, False],
    }


def test_what_was_emptied_is_told():
    assert changes_of(edited(factories.firm(), stat_region="")) == {"stat_region": ["金普新区", None]}


def test_of_a_long_text_its_beginning():
    assert changes_of(edited(factories.firm(), profile="长" * 900))["profile"] == ["", "长" * 200]


def test_of_contact_details_only_that_they_changed():
    row = Contact.objects.create(organisation=factories.firm(), name="演示员", phone="13800001234")
    form = ContactForm({"name": "演示员", "phone": "13900005678"}, instance=row)
    form.save()
    assert changes_of(form, private={"phone"}) == {"phone": [None, "已修改"]}


def test_is_told_in_lines_whatever_a_service_wrote():
    changes = {
        "name": ["", "乙厂"],
        "is_local": [True, False],
        "region": ["金普新区", None],
        "count": 3,
    }
    assert describe_changes(changes) == [
        "name：空 → 乙厂",
        "is_local：是 → 否",
        "region：金普新区 → 空",
        "count：3",
    ]
