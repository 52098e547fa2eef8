import pytest
from django import forms

from accounts.models import Contact, Organisation
from audit.changes import changes_of
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


def test_changes_contain_only_changed_fields():
    assert changes_of(edited(factories.firm("甲厂"), name="乙厂")) == {"name": ["甲厂", "乙厂"]}


def test_changes_use_labels():
    form = edited(factories.firm(), kind="agency", stat_region=factories.region("210202").pk, is_local=False)
    assert changes_of(form) == {
        "kind": ["企业", "服务机构"],
        "stat_region": ["金普新区", "中山区"],
        "is_local": [True, False],
    }


def test_emptied_field_is_a_change():
    assert changes_of(edited(factories.firm(), stat_region="")) == {"stat_region": ["金普新区", None]}


def test_long_text_is_truncated():
    assert changes_of(edited(factories.firm(), profile="长" * 900))["profile"] == ["", "长" * 200]


def test_private_field_is_recorded_without_values():
    row = Contact.objects.create(organisation=factories.firm(), name="演示员", phone="13800001234")
    form = ContactForm({"name": "演示员", "phone": "13900005678"}, instance=row)
    form.save()
    assert changes_of(form, private={"phone"}) == {"phone": [None, "已修改"]}
