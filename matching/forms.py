"""Forms of follow-ups: responses of the sides, steps of the owner, surveys. Saving a form calls one service."""

from django import forms
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from accounts.services.contacts import ContactDetails, save_contacts
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import DayInput, ServiceForm, fixed_choice, model_choice
from demands.forms import CellField
from matching.models import FollowUp, FollowUpCheck, Inquiry, Question, SideResponse
from matching.next_contact import propose_next_contact
from matching.services.follow_up_checks import answer_check
from matching.services.follow_up_owners import possible_owners
from matching.services.follow_ups import (
    close_follow_up,
    reassign_follow_up,
    record_intent,
    record_progress,
    reopen_follow_up,
    return_to_talks,
)
from matching.services.side_feedback import REASONS
from matching.services.side_responses import answer_unwilling, answer_willing, inquire, reply_to_inquiry
from sheets.values import Email, Phone

NEW = "new"


class ResponseForm(ServiceForm):
    """Base of the answers of a side. `on_behalf`: staff record a telephone answer, and who gave it."""

    spoken_with = forms.CharField(label="电话里是谁答复的", max_length=30, help_text="姓名和职务，例如“钱经理”")

    def __init__(self, *args, response: SideResponse, by: User, on_behalf: bool = False, **kwargs):
        super().__init__(*args, prefix=f"{self.answer}-{response.side}", **kwargs)
        self.response, self.by = response, by
        if not on_behalf:
            del self.fields["spoken_with"]

    def _service_arguments(self, values: dict) -> dict:
        return {"by": self.by, "spoken_with": values.get("spoken_with", "")}


class ContactChoiceForm(ServiceForm):
    """Fields for the person of an organisation whom the other side will reach: a known contact or a new one."""

    contact = forms.ChoiceField(label="由谁与对方联系")
    name = forms.CharField(label="联系人姓名", max_length=30, required=False)
    phone = CellField(
        Phone(), empty="", label="联系电话", inputmode="tel", max_length=30, required=False,
        help_text="手机号，或带区号的座机号",
    )  # fmt: skip
    email = CellField(Email(), empty="", label="邮箱", required=False, inputmode="email")

    def offer_contacts(self, organisation: Organisation, default: int | None) -> None:
        """Offer the contacts of the organisation, `default` (a primary key) first."""
        known = list(Contact.objects.selectable().filter(organisation=organisation).order_by("-pk")[:20])
        known.sort(key=lambda contact: contact.pk != default)
        choices = [(str(c.pk), " ".join(filter(None, (c.masked_name, c.masked_phone)))) for c in known]
        fixed_choice(self, "contact").choices = [*choices, (NEW, "其他人，在下面填写")]
        self.initial.setdefault("contact", choices[0][0] if choices else NEW)

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if values.get("contact") == NEW:
            for field in ("name", "phone"):
                if not values.get(field) and field not in self.errors:
                    self.add_error(field, "请填写%(label)s。" % {"label": self.fields[field].label})
        return values

    def chosen_contact(self, organisation: Organisation) -> Contact:
        """The chosen contact; a new one is stored. Call only on a valid form."""
        values = self.cleaned_data
        if values["contact"] != NEW:
            return Contact.objects.get(pk=values["contact"], organisation=organisation)
        details = ContactDetails(organisation.pk, values["name"], phone=values["phone"], email=values["email"])
        return save_contacts([details])[details]


class WillingForm(ResponseForm, ContactChoiceForm):
    answer, title = "willing", "愿意对接"
    note = forms.CharField(
        label="想对工作人员说的话",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="例如什么时间方便；对方看不到",
    )
    consents = forms.BooleanField(
        label="联系人本人同意：双方都愿意后，把姓名、电话和邮箱提供给对方单位和负责跟进的专员或技术经纪人，只用于这次对接。",
        error_messages={"required": "对接需要联系人同意把联系方式提供给对方，请勾选同意。"},
    )
    field_order = ["spoken_with", "contact", "name", "phone", "email", "note", "consents"]

    @property
    def button(self) -> str:
        return "记录电话答复“愿意”" if "spoken_with" in self.fields else "答复“愿意”"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "spoken_with" in self.fields:
            del self.fields["consents"]  # asked of the contact itself when the side confirms
        match = self.response.follow_up.match
        default = match.demand.contact_id if self.response.side == "firm" else match.achievement.contact_id
        self.offer_contacts(self.response.organisation, default)

    def _save(self, values: dict) -> None:
        answer_willing(
            self.response,
            contact=self.chosen_contact(self.response.organisation),
            consents=values.get("consents", False),
            note=values["note"],
            **self._service_arguments(values),
        )


class UnwillingForm(ResponseForm):
    answer, button = "unwilling", "答复“不愿意”"
    reason = forms.ChoiceField(
        label="主要原因",
        choices=[("", "请选择"), *SideResponse.Reason.choices],
        error_messages={"required": "请选择不愿意的原因。"},
    )
    note = forms.CharField(
        label="补充说明", max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text="选“其他原因”时请写明",
    )  # fmt: skip
    unfit = forms.ChoiceField(
        label="哪里不适合（选填）", required=False, help_text="以后的推荐会参考，只影响本单位自己的需求或成果"
    )
    share_reason = forms.BooleanField(label="原因和说明可以告诉对方（不勾选时，只有工作人员能看到）", required=False)
    field_order = ["spoken_with", "reason", "unfit", "note", "share_reason"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "spoken_with" in self.fields:  # the side itself says why; a note of a call teaches nothing
            del self.fields["unfit"]
            return
        reasons = REASONS[Question.Side(self.response.side)]
        fixed_choice(self, "unfit").choices = [("", "不填"), *((reason.value, reason.label) for reason in reasons)]

    @property
    def title(self) -> str:
        return "不愿意对接" if self.response.follow_up.status == FollowUp.Status.ASKING else "不再继续"

    def _save(self, values: dict) -> None:
        answer_unwilling(
            self.response,
            reason=values["reason"],
            note=values["note"],
            share_reason=values["share_reason"],
            unfit=values.get("unfit", ""),
            **self._service_arguments(values),
        )


class InquiryForm(ResponseForm):
    answer, title, button = "more", "想了解更多", "提交问题"
    text = forms.CharField(
        label="想了解什么",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="由工作人员答复，对方看不到您的问题；答复后重新计算期限",
    )
    field_order = ["spoken_with", "text"]

    def _save(self, values: dict) -> None:
        inquire(self.response, text=values["text"], **self._service_arguments(values))


RESPONSE_FORMS = {form.answer: form for form in (WillingForm, UnwillingForm, InquiryForm)}


class ReplyForm(ServiceForm):
    text = forms.CharField(label="答复", max_length=1000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, inquiry: Inquiry, by: User, **kwargs):
        super().__init__(*args, prefix=f"reply-{inquiry.pk}", **kwargs)
        self.inquiry, self.by = inquiry, by

    def _save(self, values: dict) -> None:
        reply_to_inquiry(self.inquiry, text=values["text"], by=self.by)


def _propose_next(form: forms.Form, follow_up: FollowUp) -> None:
    """Fill the next day of contact with the proposal, and say why."""
    proposal = propose_next_contact(follow_up)
    form.initial.setdefault("next_on", proposal.day)
    form.fields["next_on"].help_text = proposal.why


class StepForm(ServiceForm):
    """Base of the steps of an owner."""

    def __init__(self, *args, follow_up: FollowUp, by: User, **kwargs):
        super().__init__(*args, prefix=self.step, **kwargs)
        self.follow_up, self.by = follow_up, by


class ProgressForm(StepForm):
    step = "note"
    note = forms.CharField(label="进展", max_length=1000, widget=forms.Textarea({"rows": 3}))
    becomes = forms.ChoiceField(label="现在的状态", widget=forms.RadioSelect)
    next_on = forms.DateField(label="下次跟进日期", widget=DayInput(), help_text="到这一天会列在“待跟进”里")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        talks, intent = FollowUp.FOLLOWED
        is_reached = self.follow_up.status == intent
        label = str(intent.label) if is_reached else "已达意向（要请双方各自确认）"
        fixed_choice(self, "becomes").choices = [(talks.value, talks.label), (intent.value, label)]
        self.initial |= {"becomes": self.follow_up.status}
        if self.follow_up.next_on and self.follow_up.next_on > timezone.localdate():
            self.initial["next_on"] = self.follow_up.next_on
        else:
            _propose_next(self, self.follow_up)

    def _save(self, values: dict) -> None:
        becomes = values.pop("becomes")
        if becomes == self.follow_up.status:
            record_progress(self.follow_up, by=self.by, **values)
        elif becomes == FollowUp.Status.INTENT:
            record_intent(self.follow_up, by=self.by, **values)
        else:
            return_to_talks(self.follow_up, by=self.by, **values)


class CloseForm(StepForm):
    step = "close"
    reason = forms.ChoiceField(label="结束的原因")
    note = forms.CharField(label="说明", max_length=300, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reasons = FollowUp.CloseReason
        impossible = reasons.NO_DEAL if self.follow_up.status == FollowUp.Status.ASKING else reasons.NO_ANSWER
        possible = [reason for reason in reasons if reason not in {impossible, reasons.UNWILLING}]
        fixed_choice(self, "reason").choices = [("", "请选择"), *((reason.value, reason.label) for reason in possible)]

    def _save(self, values: dict) -> None:
        close_follow_up(self.follow_up, by=self.by, **values)


class ReassignForm(StepForm):
    step = "give"
    to = forms.ModelChoiceField(User.objects.none(), label="交给谁跟进", empty_label="请选择")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        owners = possible_owners(self.follow_up.match)
        model_choice(self, "to").queryset = owners.exclude(pk=self.follow_up.owner_id)

    def _save(self, values: dict) -> None:
        reassign_follow_up(self.follow_up, to=values["to"], by=self.by)


class ReopenForm(StepForm):
    step = "reopen"
    note = forms.CharField(label="为什么重新征询", max_length=300, widget=forms.Textarea({"rows": 2}))

    def _save(self, values: dict) -> None:
        reopen_follow_up(self.follow_up, note=values["note"], by=self.by)


STEP_FORMS = {form.step: form for form in (ProgressForm, CloseForm, ReassignForm, ReopenForm)}


class FollowUpCheckForm(ServiceForm):
    """Survey after a meeting, answered by the firm through the link or recorded by the owner from a call."""

    answer = forms.ChoiceField(
        label="洽谈之后怎么样了",
        choices=FollowUpCheck.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一项。"},
    )
    reason = forms.ChoiceField(
        label="没有进展的原因",
        choices=[("", "请选择"), *FollowUpCheck.Reason.choices],
        required=False,
        help_text="选“没有进展”时填写",
    )
    note = forms.CharField(
        label="补充说明",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="只有跟进人看到",
    )
    next_on = forms.DateField(label="下次什么时候联系", required=False, widget=DayInput())

    def __init__(self, *args, check: FollowUpCheck, by: User | None = None, **kwargs):
        super().__init__(*args, prefix=f"check-{check.public_id}", **kwargs)
        self.check, self.by = check, by
        _propose_next(self, check.follow_up)

    def clean(self):
        super().clean()
        values = self.cleaned_data
        if values.get("answer") == FollowUpCheck.Answer.NO_PROGRESS and not values.get("reason"):
            self.add_error("reason", "没有进展时请选择原因。")
        return values

    def _save(self, values: dict) -> None:
        answer_check(self.check, by=self.by, **values)


class AgreementForm(forms.Form):
    """Upload of the signed copy of a confidentiality agreement. The service detects the type from the content."""

    file = forms.FileField(
        label="本单位签署的保密协议", help_text="双方盖章的扫描件，PDF、PNG、JPG 或 Word，不超过 20 MB"
    )
    valid_until = forms.DateField(label="有效期至", required=False, widget=DayInput(), help_text="不填就是长期")

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # before the content is read
            raise forms.ValidationError(too_large_message(file.name))
        return file
