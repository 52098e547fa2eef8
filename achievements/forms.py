"""Form of one achievement: fields in sections, detail rows as formsets, a contact that is shown masked only."""

from datetime import datetime
from typing import NamedTuple

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.forms.formsets import BaseFormSet

from accounts.models import Contact, Organisation, User
from accounts.services.contacts import ContactDetails, save_contacts
from achievements.models import (
    Achievement,
    AchievementRevision,
    Attachment,
    Completer,
    Indicator,
    IntellectualProperty,
)
from achievements.services.editing import (
    LOCKED_FIELDS,
    DetailRows,
    create_achievement,
    detail_values,
    update_achievement,
)
from achievements.services.revisions import (
    Proposal,
    needs_review,
    pending_revision,
    propose_revision,
    proposed_achievement,
)
from audit.revisions import version_of
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import model_choice
from sheets.cells import CellProblem
from sheets.values import Keywords, Phone
from taxonomy.models import Industry, TransferWay

SECTIONS = (
    (
        "基本信息",
        (
            *("title", "institution", "college", "partner_names", "lead_person", "category", "form", "attribute"),
            *("industry", "applied_industry", "discipline", "keywords"),
        ),
        "completers",
    ),
    ("技术内容", ("summary", "innovation", "scenario", "limits", "economics"), "indicators"),
    (
        "成熟度与评价",
        (
            *("stage", "maturity_scale", "maturity_level", "maturity_evidence", "maturity_assessed_by"),
            *("maturity_assessed_on", "standing", "evaluation", "evaluated_by", "evaluated_on", "national_number"),
        ),
        "intellectual_property",
    ),
    (
        "转化方式与价格",
        (
            *("transfer_ways", "price_min_wan", "price_max_wan", "price_negotiable", "pay_later", "wanted_partner"),
            *("funds_needed_wan", "willingness", "transferred_note"),
        ),
        None,
    ),
    (
        "联系人与确认",
        (
            *("contact", "contact_name", "contact_phone", "contact_email", "contact_consents"),
            *("expires_on", "non_secret_confirmed"),
        ),
        None,
    ),
)
"""(title, field names, name of the formset below them)"""
NEW_CONTACT = ("contact_name", "contact_phone", "contact_email", "contact_consents")
LONG_TEXTS = ("summary", "innovation", "scenario", "limits", "economics", "maturity_evidence")
DAYS = ("maturity_assessed_on", "evaluated_on", "expires_on")


class FormSection(NamedTuple):
    title: str
    fields: list[forms.BoundField]
    formset: BaseFormSet | None


class KeywordsField(forms.CharField):
    """Up to three keywords in one line; the value is a list."""

    def prepare_value(self, value):
        return "；".join(value) if isinstance(value, list | tuple) else value

    def has_changed(self, initial, data) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return []
        try:
            return list(Keywords(max_count=3, max_length=30)(text))
        except CellProblem as problem:
            raise ValidationError(str(problem)) from None


class DetailFormSet(BaseFormSet):
    """Formset whose filled rows replace all rows of the achievement; empty rows are ignored."""

    def add_fields(self, form, index) -> None:
        super().add_fields(form, index)
        form.empty_permitted, form.use_required_attribute = True, False

    def filled_rows(self) -> list[dict]:
        """Values of the rows of a valid formset, without those marked for deletion."""
        filled = (form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data["DELETE"])
        return [{name: value for name, value in row.items() if name != "DELETE"} for row in filled]


DETAIL_HELP = {"today": "没有这项成果时常见的数，单位相同，如 1200 次。只有一个数才画成对比图，不知道就不填"}


def _detail_formset(model, fields: tuple[str, ...], extra: int):
    # `absolute_max` limits the rows that a posted TOTAL_FORMS makes the server render: twice `max_num`, so that one
    # save can delete all rows and add as many.
    form = forms.modelform_factory(model, fields=fields, help_texts=DETAIL_HELP)
    return forms.formset_factory(
        form, DetailFormSet, extra=extra, max_num=50, absolute_max=100, validate_max=True, can_delete=True
    )


FORMSETS = {
    "indicators": _detail_formset(
        Indicator, ("name", "comparison", "value", "value_to", "unit", "condition", "basis", "today"), extra=2
    ),
    "intellectual_property": _detail_formset(IntellectualProperty, ("kind", "title", "number", "state"), extra=1),
    "completers": _detail_formset(Completer, ("name", "unit"), extra=1),
}
FORMSET_TITLES = {
    "indicators": "技术指标",
    "intellectual_property": "知识产权",
    "completers": "主要完成人",
}


class AchievementForm(forms.ModelForm):
    """Create an achievement, or update `instance`, as user `by`. Valid only if its formsets are."""

    keywords = KeywordsField(label="关键词", required=False, help_text="最多 3 个，用“；”分开")
    transfer_ways = forms.MultipleChoiceField(
        label="拟转化方式", choices=TransferWay.choices, widget=forms.CheckboxSelectMultiple
    )
    contact_name = forms.CharField(label="新联系人姓名", max_length=30, required=False)
    contact_phone = forms.CharField(label="新联系人电话", max_length=60, required=False)
    contact_email = forms.EmailField(label="新联系人邮箱", required=False)
    contact_consents = forms.BooleanField(label="联系人已同意为对接之用向对方提供联系方式", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    proposal: Proposal

    class Meta:
        model = Achievement
        fields = [name for _title, names, _formset in SECTIONS for name in names if not name.startswith("contact_")]
        widgets = {name: forms.Textarea({"rows": 4}) for name in LONG_TEXTS} | {
            name: forms.DateInput({"type": "date"}, format="%Y-%m-%d") for name in DAYS
        }

    def __init__(self, data=None, *, by: User, instance: Achievement | None = None, **kwargs) -> None:
        self.proposed_rows: DetailRows | None = None
        self.pending: AchievementRevision | None = None
        self.is_reviewed = instance is not None and needs_review(instance, by)
        """Whether what is saved waits for the city; the form then shows what waits already."""
        if instance is not None and self.is_reviewed:
            self.pending = pending_revision(instance)
            instance, self.proposed_rows = proposed_achievement(instance, self.pending)
        super().__init__(data, instance=instance, **kwargs)
        self.by = by
        self.is_new = self.instance.pk is None
        self._offer_choices()
        if self.is_reviewed:
            self.fields["seen"].initial = version_of(self.instance, self.pending)
        elif not self.is_new:
            self.fields["seen"].initial = self.instance.updated_at.isoformat()
        if self.instance.registry_number:
            for name in LOCKED_FIELDS:
                self.fields[name].disabled = True
        self.fields["non_secret_confirmed"].required = True
        self.formsets = {name: self._formset(name, kind, data) for name, kind in FORMSETS.items()}
        for name, formset in self.formsets.items():
            formset.title = FORMSET_TITLES[name]

    @property
    def sections(self) -> list[FormSection]:
        return [
            FormSection(title, [self[name] for name in names], self.formsets.get(formset))
            for title, names, formset in SECTIONS
        ]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(formset.is_valid() for formset in self.formsets.values())])

    def clean_contact_phone(self) -> str:
        text = self.cleaned_data["contact_phone"]
        try:
            return Phone()(text) if text else ""
        except CellProblem as problem:
            raise ValidationError(str(problem)) from None

    def clean_seen(self) -> datetime | str | None:
        """What the page showed, to detect concurrent edits: the `updated_at`, or the `version_of` a reviewed record."""
        if self.is_reviewed:
            return self.cleaned_data["seen"]
        try:
            return None if self.is_new else datetime.fromisoformat(self.cleaned_data["seen"])
        except ValueError:
            raise ValidationError("页面已过期，请重新打开后再修改。") from None

    def clean_transfer_ways(self) -> list[str]:
        return list(self.cleaned_data["transfer_ways"])

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        is_reachable = cleaned.get("contact_phone") or cleaned.get("contact_email")
        has_new_contact = any(cleaned.get(name) for name in NEW_CONTACT[:3])
        if has_new_contact and not (cleaned.get("contact_name") and is_reachable):
            self.add_error("contact_name", "新联系人须填写姓名，以及电话或邮箱。")
        contact, institution = cleaned.get("contact"), cleaned.get("institution")
        if contact and institution and contact.organisation_id != institution.pk:
            self.add_error("contact", "联系人不是这个单位的，请重新选择或填写新联系人。")
        return cleaned

    def save(self) -> Achievement | None:  # type: ignore[override]  # a service saves, so there is no `commit`
        """Create or update the achievement. Returns None, with errors on the form, if the service refuses."""
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        detail_rows = {name: formset.filled_rows() for name, formset in self.formsets.items()}
        try:
            with transaction.atomic():  # do not keep the new contact if the service refuses
                if details := self._new_contact():
                    fields["contact"] = save_contacts([details])[details]
                if self.is_new:
                    return create_achievement(fields, by=self.by, detail_rows=detail_rows)
                # ModelForm has changed self.instance; the service needs the stored values to compare.
                stored = Achievement.objects.get(pk=self.instance.pk)
                if self.is_reviewed:
                    seen = self.cleaned_data["seen"]
                    self.proposal = propose_revision(stored, fields, by=self.by, detail_rows=detail_rows, seen=seen)
                    return self.proposal.achievement
                return update_achievement(
                    stored, fields, by=self.by, detail_rows=detail_rows, seen_at=self.cleaned_data["seen"]
                )
        except ValidationError as error:
            self._add_errors(error)
            return None

    @property
    def note(self) -> str:
        """What the page says above the form."""
        if not self.is_reviewed:
            return ""
        return (
            "这项成果已经入库。您改的文字、指标和知识产权先交市科技局核对，批准以前公开的仍是原文；"
            "价格、转化方式、完成人、联系人和有效期一保存就生效。"
        )

    @property
    def returned(self) -> AchievementRevision | None:
        """The last proposed change, if the city has returned it and nothing waits."""
        last = self.instance.revisions.first() if self.is_reviewed else None
        return last if last and last.status == AchievementRevision.Status.RETURNED else None

    @property
    def save_label(self) -> str:
        return "提交修改" if self.is_reviewed else "保存修改"

    @property
    def saved_message(self) -> str:
        """What the page says after `save`."""
        if self.is_reviewed and self.proposal.revision is not None:
            return "已提交市科技局核对。批准以前，公开的仍是原文。"
        return f"已保存“{self.cleaned_data['title']}”。"

    def _offer_choices(self) -> None:
        institutions = Organisation.objects.institutions().filter(is_active=True)
        if not self.by.scope.is_city:
            institutions = institutions.filter(pk__in=self.by.scope.institution_ids)
        model_choice(self, "institution").queryset = institutions
        model_choice(self, "industry").queryset = Industry.objects.active()
        contacts = model_choice(self, "contact")
        contacts.queryset = Contact.objects.selectable().filter(organisation__in=institutions)
        contacts.label_from_instance = _masked_contact  # type: ignore[method-assign, assignment]  # as Django documents
        contacts.empty_label = "不选，填写新联系人"
        if self.is_new and len(institutions) == 1:
            self.fields["institution"].initial = institutions[0]

    def _formset(self, name: str, kind, data) -> DetailFormSet:
        if data is not None or self.is_new:
            return kind(data, prefix=name)
        if self.proposed_rows is not None:
            return kind(prefix=name, initial=self.proposed_rows[name])
        return kind(prefix=name, initial=[detail_values(row) for row in getattr(self.instance, name).all()])

    def _new_contact(self) -> ContactDetails | None:
        cleaned = self.cleaned_data
        if not cleaned.get("contact_name"):
            return None
        return ContactDetails(
            organisation_id=cleaned["institution"].pk,
            name=cleaned["contact_name"],
            phone=cleaned["contact_phone"],
            email=cleaned["contact_email"],
            consents=cleaned["contact_consents"],
        )

    def _add_errors(self, error: ValidationError) -> None:
        for name, messages in getattr(error, "message_dict", {NON_FIELD_ERRORS: error.messages}).items():
            self.add_error(name if name in self.fields else None, messages)


class AttachmentForm(forms.Form):
    """Upload of one attachment. The service detects the type from the content."""

    file = forms.FileField(label="附件", help_text="PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB")
    kind = forms.ChoiceField(
        label="类别", choices=Attachment.Kind.choices, initial=Attachment.Kind.DOCUMENT, required=False
    )
    is_public = forms.BooleanField(label="向公众公开", required=False)

    def clean_kind(self):
        return self.cleaned_data["kind"] or Attachment.Kind.DOCUMENT

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # before the content is read
            raise ValidationError(too_large_message(file.name))
        return file


def _masked_contact(contact: Contact) -> str:
    return f"{contact.masked_name} {contact.masked_phone}"
