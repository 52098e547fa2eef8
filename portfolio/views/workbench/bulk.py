"""Set one value for ticked achievements: the value, then a preview of each row, then the change; and its undo."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import Contact
from accounts.requests import UserRequest
from achievements.models import Achievement
from portfolio.models import BulkEdit
from portfolio.own_items import chosen_items
from portfolio.services.bulk_edits import BULK_FIELDS, MOST_AT_ONCE, edit_many, preview, undo_edit
from portfolio.services.cells import form_field
from taxonomy.models import TransferWay

MOST_SENTENCES = 10


class BulkForm(forms.Form):
    """The new value, as the model validates it."""

    def __init__(self, name: str, rows: list[Achievement], data: Any = None) -> None:
        super().__init__(data)
        self.label, names = BULK_FIELDS[name]
        self.names = [field for field in names if field != "price_negotiable"]
        for field_name in self.names:
            self.fields[field_name] = self._field(field_name, rows)
            self.fields[field_name].widget.attrs.setdefault("class", "input-s")

    @staticmethod
    def _field(name: str, rows: list[Achievement]) -> forms.Field:
        if name == "transfer_ways":
            return forms.MultipleChoiceField(
                label="拟转化方式", choices=TransferWay.choices, widget=forms.CheckboxSelectMultiple({"class": ""})
            )
        if name == "contact":
            contacts = Contact.objects.selectable().filter(organisation__in={row.institution_id for row in rows})
            field = forms.ModelChoiceField(contacts.order_by("pk"), label="联系人", to_field_name=None)
            field.label_from_instance = (  # type: ignore[method-assign, assignment]  # as Django documents
                lambda obj: f"{obj.masked_name} {obj.masked_phone or obj.masked_email}"
            )
            return field
        return form_field(name)

    def values(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in self.names}
        if "price_min_wan" in values:
            values["price_negotiable"] = all(value is None for value in values.values())
        return values

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The posted values, for the request that confirms."""
        data: Any = self.data
        return [(name, text) for name in self.names for text in data.getlist(name)]


@login_required
@require_POST
def achievements_bulk(request: UserRequest) -> HttpResponse:
    """`field`: a key of BULK_FIELDS; `chosen`: public ids. `step`: "" asks, "preview" shows, "save" changes."""
    name = request.POST.get("field", "")
    if name not in BULK_FIELDS:
        raise Http404
    chosen = request.POST.getlist("chosen")
    if not chosen:
        messages.warning(request, "请先勾选要批量修改的成果。")
        return redirect("my_achievements")
    if len(set(chosen)) > MOST_AT_ONCE:
        messages.warning(request, f"一次最多修改 {MOST_AT_ONCE} 项，请分几次勾选。")
        return redirect("my_achievements")
    rows = chosen_items(request.user, chosen, MOST_AT_ONCE)
    step = request.POST.get("step", "")
    form = BulkForm(name, rows, request.POST if step in {"preview", "save"} else None)
    previews, status = [], 200
    if form.is_bound:
        status = 200 if form.is_valid() else 422
        if form.is_valid():
            if step == "save":
                return _save(request, rows, form.values())
            previews = preview(rows, form.values(), by=request.user)
    context = {
        "form": form,
        "field": name,
        "rows": rows,
        "previews": previews,
        "changing": sum(row.changes for row in previews),
    }
    return render(request, "portfolio/workbench/bulk.html", context, status=status)


@login_required
@require_POST
def bulk_edit_undo(request: UserRequest, public_id: str) -> HttpResponse:
    edit = get_object_or_404(BulkEdit.objects.visible_to(request.user), public_id=public_id)
    try:
        result = undo_edit(edit, by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("my_achievements")
    if result.changed:
        messages.success(request, f"已撤销，{result.changed} 项恢复原来的内容。")
    _say(request, result.refused)
    return redirect("my_achievements")


def _save(request: UserRequest, rows: list[Achievement], values: dict[str, Any]) -> HttpResponse:
    result = edit_many(rows, values, by=request.user)
    if result.changed:
        messages.success(request, f"已修改 {result.changed} 项。今天之内可以在列表上方撤销。")
    elif not result.refused:
        messages.info(request, "这些成果本来就是这个值，没有改动。")
    _say(request, result.refused)
    return redirect(reverse("my_achievements"))


def _say(request: UserRequest, sentences: list[str]) -> None:
    for sentence in sentences[:MOST_SENTENCES]:
        messages.error(request, sentence)
    if len(sentences) > MOST_SENTENCES:
        messages.error(request, f"另有 {len(sentences) - MOST_SENTENCES} 项没有处理。")
