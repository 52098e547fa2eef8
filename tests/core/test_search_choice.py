"""A long list that one types into: labels, parts of labels and values are understood, anything else is explained."""

import pytest
from django import forms

from core.search_choice import SearchChoiceField

CHOICES = [
    ("", "请选择"),
    ("经纪人", [("broker:a", "安知鱼（集桥）"), ("broker:b", "安知鱼（集桥）")]),
    ("机构", [("agency:c", "集桥技术转移"), ("agency:d", "<b>海衡</b>")]),
]


class ExampleForm(forms.Form):
    who = SearchChoiceField(label="谁", choices=CHOICES)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("海衡", "agency:d"), ("集桥技术转移", "agency:c"), ("agency:c", "agency:c"), ("安知鱼（集桥）（b）", "broker:b")],
)
def test_what_is_typed_is_understood(typed, value):
    form = ExampleForm({"who": typed})
    assert form.is_valid() and form.cleaned_data["who"] == value


@pytest.mark.parametrize(
    ("typed", "words"), [("集桥", "有 3 个含"), ("没有的", "没有找到"), ("", "请填写这一项"), ("请选择", "没有找到")]
)
def test_what_is_not_is_explained_and_kept(typed, words):
    form = ExampleForm({"who": typed})
    assert not form.is_valid() and words in str(form.errors["who"])
    page = form["who"].as_widget()
    assert (f'value="{typed}"' in page) == bool(typed)
    assert "&lt;b&gt;海衡" in page and "<b>" not in page and page.count("<option") == 4
