"""Minutes taken apart: each numbered decision offered as a measure, to be mended, ticked and entered."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import formset_factory
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import Organisation, Role, User
from mechanism import services
from mechanism.minutes_text import decisions_in
from mechanism.models import Measure, Minutes, Task

MOST = 60


class DecisionForm(forms.Form):
    wanted = forms.BooleanField(label=_("作为举措"), required=False)
    title = forms.CharField(label=_("议定事项"), max_length=200)
    task = forms.ModelChoiceField(Task.objects.all(), label=_("任务"), empty_label=_("请选择"), required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("责任单位"), empty_label=_("不在平台上"), required=False
    )
    body = forms.CharField(label=_("责任单位（文字）"), max_length=200, required=False)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("责任人"), empty_label=_("未定"), required=False)
    due_on = forms.DateField(
        label=_("完成期限"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, bodies, owners, tasks, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in (("organisation", bodies), ("owner", owners), ("task", tasks)):
            self.fields[name].queryset = rows
            empty = ("", self.fields[name].empty_label)
            self.fields[name].choices = [empty, *((one.pk, str(one)) for one in rows)]  # read once for all lines

    def clean(self):
        values = super().clean()
        if values.get("wanted"):
            if not values.get("task"):
                self.add_error("task", _("请选择这一条属于哪项任务。"))
            if not (values.get("organisation") or values.get("body")):
                self.add_error("organisation", _("请选择或写明责任单位。"))
        return values

    def measure(self) -> Measure:
        values = self.cleaned_data
        return Measure(**{name: values[name] for name in ("title", "task", "organisation", "body", "owner", "due_on")})


Decisions = formset_factory(DecisionForm, extra=0, max_num=MOST, absolute_max=MOST)


@require_http_methods(["GET", "HEAD", "POST"])
def split(request, public_id):
    """The decisions of minutes, with what was read of each; ticked ones become measures."""
    if not request.user.has_perm("mechanism.change_minutes"):
        raise PermissionDenied
    minutes = get_object_or_404(Minutes.objects.visible_to(request.user), public_id=public_id)
    bodies = Organisation.objects.filter(kind__in=["city", "district"], is_active=True).order_by("kind", "name")
    owners = User.objects.filter(is_active=True, memberships__role__in=[Role.CITY, Role.DISTRICT]).distinct()
    kwargs = {"bodies": bodies, "owners": owners.order_by("name", "pk"), "tasks": Task.objects.all()}
    if request.method == "POST":
        lines = Decisions(request.POST, form_kwargs=kwargs)
        if lines.is_valid():
            wanted = [line.measure() for line in lines if line.cleaned_data.get("wanted")]
            try:
                made = services.split_minutes(minutes, wanted, by=request.user)
            except ValidationError as error:
                for message in error.messages:
                    messages.error(request, message)
            else:
                messages.success(request, f"已建立 {len(made)} 项举措，责任人会收到消息。")
                return redirect("admin:mechanism_board")
    else:
        lines = Decisions(initial=_read(minutes, kwargs), form_kwargs=kwargs)
    context = {"minutes": minutes, "lines": lines, "there": minutes.measures.stated().select_related("organisation")}
    status = 422 if request.method == "POST" else 200
    return render(request, "admin/mechanism/split.html", context, status=status)


def _read(minutes: Minutes, kwargs: dict) -> list[dict]:
    """What the text says, with bodies and tasks found by their names; what is a measure already is left out."""
    bodies = {one.name: one for one in kwargs["bodies"]} | {
        one.short_name: one for one in kwargs["bodies"] if one.short_name
    }
    tasks = {one.number: one for one in kwargs["tasks"]}
    there = set(minutes.measures.values_list("title", flat=True))
    return [
        {
            "wanted": bool(one.body),
            "title": one.title,
            "task": tasks.get(one.task),
            "organisation": bodies.get(one.body),
            "body": "" if one.body in bodies else one.body,
            "due_on": one.due_on,
        }
        for one in decisions_in(minutes.text, minutes.held_on)
        if one.title not in there
    ]
