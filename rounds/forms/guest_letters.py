"""Forms of the texts for guests, and of what their letters say about contact and reply."""

from django import forms

from accounts.models import User
from core.forms import PlainField, ServiceForm
from notices.texts.writing import Wording, WrittenText
from rounds.models import DockingRound, GuestTerms, Party
from rounds.services.guest_letters import LetterWriter, save_terms, save_text


class LetterForm(ServiceForm):
    subject = PlainField(label="标题", max_length=100, required=False)
    body = forms.CharField(label="正文", max_length=3000, widget=forms.Textarea({"rows": 14}))

    def __init__(self, *args, docking_round: DockingRound, kind: str, by: User | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.docking_round, self.kind, self.by = docking_round, kind, by

    def _save(self, values: dict) -> None:
        if self.by is not None:
            save_text(self.docking_round, self.kind, subject=values["subject"], body=values["body"], by=self.by)

    def written(self, writer: LetterWriter, party: Party) -> WrittenText:
        """The text of the form, saved or not, as this guest would read it."""
        wording = Wording(str(self["subject"].value() or ""), str(self["body"].value() or ""), "")
        return writer.fill(wording, party)


class TermsForm(forms.ModelForm):
    class Meta:
        model = GuestTerms
        fields = ["contact_name", "contact_phone", "reply_by", "most_firms", "most_teams"]
        widgets = {"reply_by": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args, docking_round: DockingRound, by: User | None = None, **kwargs):
        stored = GuestTerms.objects.filter(docking_round=docking_round).first()
        super().__init__(*args, instance=stored or GuestTerms(docking_round=docking_round), prefix="terms", **kwargs)
        self.docking_round, self.by = docking_round, by

    def save(self, commit: bool = True) -> bool:
        """Whether the service accepted the values."""
        if self.by is None:
            return False
        try:
            save_terms(self.docking_round, self.cleaned_data, by=self.by)
        except forms.ValidationError as error:
            self.add_error(None, error)
            return False
        return True
