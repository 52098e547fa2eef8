"""Edit one cell of the table. What the city has registered goes to its review, the rest changes at once."""

from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import represents_institution
from achievements.services.editing import editable_statuses, update_achievement
from achievements.services.reviewed_fields import REVIEWED_FIELDS
from achievements.services.revisions import needs_review, pending_revision, propose_fields
from audit.revisions import version_of

CELLS = {
    "college": ("学院", ("college",)),
    "lead_person": ("负责人", ("lead_person",)),
    "stage": ("阶段", ("stage", "maturity_level")),
    "expires_on": ("有效期至", ("expires_on",)),
    "price": ("意向价格", ("price_min_wan", "price_max_wan")),
}
"""Name of an editable cell → (label, fields of the achievement in it)."""


class CellForm(forms.Form):
    """The fields of one cell, as the model validates them. `seen`: the version that the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, achievement: Achievement, cell: str, data: Any = None) -> None:
        self.achievement = achievement
        self.label, self.names = CELLS[cell]
        super().__init__(data, initial={"seen": version_of(achievement, pending_revision(achievement))})
        for name in self.names:
            field = form_field(name)
            field.initial = getattr(achievement, name)
            field.widget.attrs["class"] = "input-s"
            self.fields[name] = field

    @property
    def cells(self) -> list[forms.BoundField]:
        return [self[name] for name in self.names]

    def values(self) -> dict[str, Any]:
        """The cleaned values; a price also says whether it is negotiable."""
        values = {name: self.cleaned_data[name] for name in self.names}
        if "price_min_wan" in values:
            values["price_negotiable"] = all(values[name] is None for name in self.names)
        return values

    def add_service_errors(self, error: ValidationError) -> None:
        by_field = getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages})
        for name, texts in by_field.items():
            self.add_error(name if name in self.fields else None, texts)


class CellResult(NamedTuple):
    achievement: Achievement
    waits: bool
    """Whether the change waits for the city."""


def form_field(name: str) -> forms.Field:
    """The form field of a model field; days with the browser's own picker, texts in one line."""
    field: Any = Achievement._meta.get_field(name)
    made: forms.Field = field.formfield()
    if isinstance(made, forms.DateField):
        made.widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return made


def may_edit_cell(achievement: Achievement, by: User) -> bool:
    return represents_institution(achievement, by) and achievement.status in editable_statuses(achievement, by)


def edit_cell(achievement: Achievement, values: dict[str, Any], *, by: User, seen: str) -> CellResult:
    """Store the values of one cell.

    `seen` is the `version_of` what the page showed. Raises PermissionDenied for another institution's achievement,
    ValidationError by field, also if the achievement was changed meanwhile.
    """
    if not represents_institution(achievement, by):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": achievement})
    current = Achievement.objects.get(pk=achievement.pk)
    if seen != version_of(current, pending_revision(current)):
        raise ValidationError("您打开这一格之后，同事改过这项成果。现在显示的是最新内容，请再改一次。")
    if needs_review(current, by) and set(values).intersection(REVIEWED_FIELDS):
        proposal = propose_fields(current, values, by=by, seen=seen)
        return CellResult(proposal.achievement, proposal.revision is not None)
    return CellResult(update_achievement(current, values, by=by, seen_at=current.updated_at), waits=False)
