"""The form of an agenda item."""

from django import forms

from achievements.models import Achievement
from core.forms import model_choice
from rounds.forms.invitations import MomentInput
from rounds.models import AgendaItem, Attendee, DockingRound, Hall, Party
from rounds.services.agenda import PEOPLE_FIELDS, agenda_item_problems


class AgendaItemForm(forms.ModelForm):
    """Offers only halls, people and achievements of the item's round; reports conflicts with names."""

    class Meta:
        model = AgendaItem
        fields = [
            *("kind", "title", "hall", "starts_at", "ends_at", "achievement"),
            *("speakers", "guests", "parties", "attendees", "is_public", "note"),
        ]
        widgets = {
            "starts_at": MomentInput,
            "ends_at": MomentInput,
            "guests": forms.Textarea({"rows": 3}),
            **dict.fromkeys(PEOPLE_FIELDS, forms.CheckboxSelectMultiple),
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        docking_round: DockingRound = self.instance.docking_round
        people = Attendee.objects.filter(party__docking_round=docking_round).select_related("party__organisation")
        people = people.order_by("party__organisation__name", "party__team", "pk")
        choices = {
            "hall": Hall.objects.filter(docking_round=docking_round),
            "achievement": Achievement.objects.filter(rounds=docking_round).select_related("institution"),
            "speakers": people,
            "attendees": people,
            "parties": Party.objects.active().filter(docking_round=docking_round).select_related("organisation"),
        }
        for name, rows in choices.items():
            model_choice(self, name).queryset = rows
        for name, words in (("hall", "不限场地"), ("achievement", "没有")):
            model_choice(self, name).empty_label = words
        for name in ("speakers", "attendees"):
            self.fields[name].label_from_instance = lambda attendee: f"{attendee.name}（{attendee.party}）"

    def _post_clean(self) -> None:
        """Check for conflicts once each field is valid."""
        super()._post_clean()
        if self.errors:
            return
        people = {name: self.cleaned_data.get(name) or [] for name in PEOPLE_FIELDS}
        if reasons := agenda_item_problems(self.instance, self.instance.docking_round, **people):
            self.add_error(None, reasons)
