"""What a completer or a college office may correct, and the proposal that comes of it. It stores nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from achievements.models import Achievement
from achievements.services.editing import check_not_secret
from audit.revisions import changed_values, json_values
from core.forms import PlainField

FIELDS = (
    *("summary", "scenario", "stage", "maturity_level", "maturity_evidence", "price_min_wan", "price_max_wan"),
    "wanted_partner",
)
MOST_CHARS = {"summary": 3000, "scenario": 1000, "maturity_evidence": 500}


class RenewalForm(forms.ModelForm):
    """The present values to be corrected, validated as the model does: no personal data, no secrecy marking."""

    class Meta:
        model = Achievement
        fields = FIELDS
        widgets = {name: forms.Textarea({"rows": 5 if name == "summary" else 3}) for name in MOST_CHARS}

    def __init__(
        self, data: Any = None, *, instance: Achievement, prefix: str, initial: dict[str, Any] | None = None
    ) -> None:
        self.names = tuple(self._meta.fields or ())
        self.before = json_values(instance, self.names)
        super().__init__(data, instance=instance, prefix=prefix, initial=initial)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        draft = Achievement(**{name: cleaned[name] for name in self.names if cleaned.get(name) is not None})
        draft.keywords = []
        check_not_secret(draft, {})
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook after the fields
        if self.errors:
            return
        try:  # also those that read a field outside the form, such as the scale of the level
            self.instance.validate_constraints(exclude={"title", "institution"})
        except ValidationError as error:
            self.add_error(None, error.messages)

    @property
    def corrections(self) -> dict[str, Any]:
        """{field: value as JSON} of what differs from the present values. Only for a valid form."""
        _before, after = changed_values(self.before, json_values(self.instance, self.names))
        return after


class ProposalForm(RenewalForm):
    """What college offices and completers with an account may propose: more texts than by link."""

    class Meta(RenewalForm.Meta):
        fields = (  # type: ignore[assignment]  # more of them
            *(
                "summary",
                "innovation",
                "scenario",
                "limits",
                "economics",
                "stage",
                "maturity_level",
                "maturity_evidence",
            ),
            *("price_min_wan", "price_max_wan", "wanted_partner"),
        )
        widgets = RenewalForm.Meta.widgets | {
            name: forms.Textarea({"rows": 3}) for name in ("innovation", "limits", "economics")
        }

    note = PlainField(label="给单位的说明", max_length=300, required=False, widget=forms.Textarea({"rows": 2}))
