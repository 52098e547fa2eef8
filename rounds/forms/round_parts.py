"""Forms of the basic data of a round: the round itself, its organisers, its halls and slots."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, inlineformset_factory
from django.utils.crypto import salted_hmac

from accounts.models import Organisation
from core.forms import PlainField
from rounds.forms.invitations import MomentInput
from rounds.models import DockingRound, Hall, Organiser, Slot
from rounds.services.venue import check_hall, check_slot

CHANGED_MEANWHILE = "您打开这一页之后，有人改过这些%s，所以还没有保存。请核对下面填的内容；再次保存将以您的为准。"


class RoundForm(forms.ModelForm):
    class Meta:
        model = DockingRound
        fields = [
            *("name", "host_kind", "host", "place", "starts_at", "ends_at"),
            *("themes", "description", "institutions"),
        ]
        widgets = {
            "starts_at": MomentInput,
            "ends_at": MomentInput,
            "description": forms.Textarea({"rows": 6}),
            "institutions": forms.CheckboxSelectMultiple,
        }


class VersionedRows(BaseInlineFormSet):
    """Rows of a round on one page. A hidden field holds the version that the page showed: rows that changed since are
    refused once, with what was typed."""

    what = "内容"
    shown_fields: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "order" in self.shown_fields:
            for form in self.extra_forms:  # a new row comes last
                form.initial["order"] = self.initial_form_count()

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "移除"

    @property
    def version_field(self) -> str:
        return f"{self.prefix}-seen"

    @property
    def version(self) -> str:
        rows = list(self.get_queryset().values_list("pk", *self.shown_fields)) if self.instance.pk else []
        return salted_hmac("rounds.rows", repr(rows)).hexdigest()[:20]

    def clean(self) -> None:
        super().clean()
        seen = self.data.get(self.version_field, "")
        if seen and seen != self.version:
            raise ValidationError(CHANGED_MEANWHILE % self.what)


class OrganiserForm(forms.ModelForm):
    """One field for the organiser: the name of an organisation on the platform, or any other name."""

    unit = PlainField(label="单位名称", max_length=200)

    class Meta:
        model = Organiser
        fields = ["role", "order"]

    field_order = ["role", "unit", "order"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].widget.attrs["list"] = "organiser-names"
        if self.instance.pk:
            self.fields["unit"].initial = str(self.instance)

    def _post_clean(self) -> None:
        if name := self.cleaned_data.get("unit"):
            own = Organisation.objects.filter(name=name).first()
            self.instance.organisation, self.instance.name = own, "" if own else name
        super()._post_clean()


class OrganiserRows(VersionedRows):
    what = "主办和承办单位"
    shown_fields = ("role", "organisation", "name", "order")


class InUseForm(forms.ModelForm):
    """Refuses changes that would remove the place of a meeting of the timetable in force."""

    column = ""

    def check_use(self) -> None:
        """Raise ValidationError if the change removes such a place."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.instance.pk is None or self.errors or not self.changed_data:
            return
        try:
            self.check_use()
        except ValidationError as refusal:
            self.add_error(self.column, refusal)


class HallForm(InUseForm):
    column = "tables"

    class Meta:
        model = Hall
        fields = ["name", "tables", "order"]

    def check_use(self) -> None:
        check_hall(self.instance)


class SlotForm(InUseForm):
    column = "starts_at"

    class Meta:
        model = Slot
        fields = ["starts_at", "ends_at"]
        widgets = {"starts_at": MomentInput, "ends_at": MomentInput}

    def check_use(self) -> None:
        check_slot(self.instance)


class HallRows(VersionedRows):
    what = "场地"
    shown_fields = ("name", "tables", "order", "closed_at")


class SlotRows(VersionedRows):
    what = "时段"
    shown_fields = ("starts_at", "ends_at")


OrganiserFormSet = inlineformset_factory(
    DockingRound, Organiser, form=OrganiserForm, formset=OrganiserRows, extra=1, can_delete=True
)
HallFormSet = inlineformset_factory(DockingRound, Hall, form=HallForm, formset=HallRows, extra=1, can_delete=False)
SlotFormSet = inlineformset_factory(DockingRound, Slot, form=SlotForm, formset=SlotRows, extra=1, can_delete=False)
