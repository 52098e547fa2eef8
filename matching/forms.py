"""What sides and those who follow a pair fill in after the nod. Each form calls one service when it is saved."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, User
from accounts.services.contacts import ContactDetails, save_contacts
from core.forms import DayInput, ServiceForm
from demands.forms import CellField
from matching.models import FollowUp, Willingness
from matching.services.asking import answer_unwilling, answer_willing, inquire, reply_to_inquiry
from matching.services.following import back_to_talks, close_follow_up, give_follow_up, note_progress, reach_intent
from matching.services.owners import possible_owners
from sheets.values import Email, Phone

NEW = "new"


class AnswerForm(ServiceForm):
    """`on_behalf`: staff write down what was said by telephone, and by whom."""

    spoken_with = forms.CharField(label=_("电话里是谁答复的"), max_length=30, help_text=_("姓名和职务，例如“钱经理”"))

    def __init__(self, *args, side: Willingness, by, on_behalf: bool = False, **kwargs):
        super().__init__(*args, prefix=f"{self.answer}-{side.side}", **kwargs)
        self.side, self.by = side, by
        if not on_behalf:
            del self.fields["spoken_with"]

    def answered(self, values: dict) -> dict:
        return {"by": self.by, "spoken_with": values.get("spoken_with", "")}


class WillingForm(AnswerForm):
    answer = "willing"
    contact = forms.ChoiceField(label=_("由谁与对方联系"))
    name = forms.CharField(label=_("联系人姓名"), max_length=30, required=False)
    phone = CellField(
        Phone(), empty="", label=_("联系电话"), inputmode="tel", max_length=30, required=False,
        help_text=_("手机号，或带区号的座机号"),
    )  # fmt: skip
    email = CellField(Email(), empty="", label=_("邮箱"), required=False, inputmode="email")
    note = forms.CharField(
        label=_("想对工作人员说的话"),
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("例如什么时间方便；对方看不到"),
    )
    consents = forms.BooleanField(
        label=_(
            "联系人本人同意：双方都愿意后，把姓名、电话和邮箱提供给对方单位和负责跟进的专员或技术经纪人，只用于这次对接。"
        ),
        error_messages={"required": _("对接需要联系人同意把联系方式提供给对方，请勾选同意。")},
    )
    field_order = ["spoken_with", "contact", "name", "phone", "email", "note", "consents"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        item = self.side.follow_up.match
        of_item = item.demand.contact_id if self.side.side == "firm" else item.achievement.contact_id
        known = list(Contact.objects.filter(organisation=self.side.organisation).order_by("-pk")[:20])
        known.sort(key=lambda contact: contact.pk != of_item)
        words = [(str(c.pk), " ".join(filter(None, (c.masked_name, c.masked_phone)))) for c in known]
        self.fields["contact"].choices = [*words, (NEW, _("其他人，在下面填写"))]
        self.initial.setdefault("contact", words[0][0] if words else NEW)

    def clean(self):
        values = super().clean()
        if values.get("contact") == NEW:
            for field in ("name", "phone"):
                if not values.get(field) and field not in self.errors:
                    self.add_error(field, _("请填写%(label)s。") % {"label": self.fields[field].label})
        return values

    def _save(self, values):
        organisation = self.side.organisation
        if values["contact"] == NEW:
            details = ContactDetails(organisation.pk, values["name"], phone=values["phone"], email=values["email"])
            contact = save_contacts([details])[details]
        else:
            contact = Contact.objects.get(pk=values["contact"], organisation=organisation)
        answer_willing(
            self.side, contact=contact, consents=values["consents"], note=values["note"], **self.answered(values)
        )


class UnwillingForm(AnswerForm):
    answer = "unwilling"
    reason = forms.ChoiceField(
        label=_("主要原因"),
        choices=[("", _("请选择")), *Willingness.Reason.choices],
        error_messages={"required": _("请选择不愿意的原因。")},
    )
    note = forms.CharField(
        label=_("补充说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("选“其他原因”时请写明"),
    )  # fmt: skip
    share_reason = forms.BooleanField(label=_("原因和说明可以告诉对方（不勾选时，只有工作人员能看到）"), required=False)
    field_order = ["spoken_with", "reason", "note", "share_reason"]

    def _save(self, values):
        answer_unwilling(
            self.side,
            reason=values["reason"],
            note=values["note"],
            share_reason=values["share_reason"],
            **self.answered(values),
        )


class MoreForm(AnswerForm):
    answer = "more"
    text = forms.CharField(
        label=_("想了解什么"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("由工作人员答复，对方看不到您的问题；答复后重新计算期限"),
    )
    field_order = ["spoken_with", "text"]

    def _save(self, values):
        inquire(self.side, text=values["text"], **self.answered(values))


ANSWERS = {form.answer: form for form in (WillingForm, UnwillingForm, MoreForm)}


class ReplyForm(ServiceForm):
    text = forms.CharField(label=_("答复"), max_length=1000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, inquiry, by, **kwargs):
        super().__init__(*args, prefix=f"reply-{inquiry.pk}", **kwargs)
        self.inquiry, self.by = inquiry, by

    def _save(self, values):
        reply_to_inquiry(self.inquiry, text=values["text"], by=self.by)


class StepForm(ServiceForm):
    def __init__(self, *args, follow_up: FollowUp, by, **kwargs):
        super().__init__(*args, prefix=self.step, **kwargs)
        self.follow_up, self.by = follow_up, by


class ProgressForm(StepForm):
    step = "note"
    note = forms.CharField(label=_("进展"), max_length=1000, widget=forms.Textarea({"rows": 3}))
    becomes = forms.ChoiceField(label=_("现在的状态"), widget=forms.RadioSelect)
    next_on = forms.DateField(label=_("下次跟进日期"), widget=DayInput(), help_text=_("到这一天会列在“待跟进”里"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["becomes"].choices = [(one.value, one.label) for one in FollowUp.FOLLOWED]
        self.initial |= {"becomes": self.follow_up.status}
        if self.follow_up.next_on and self.follow_up.next_on > timezone.localdate():
            self.initial["next_on"] = self.follow_up.next_on

    def _save(self, values):
        becomes = values.pop("becomes")
        if becomes == self.follow_up.status:
            note_progress(self.follow_up, by=self.by, **values)
        elif becomes == FollowUp.Status.INTENT:
            reach_intent(self.follow_up, by=self.by, **values)
        else:
            back_to_talks(self.follow_up, by=self.by, **values)


class CloseForm(StepForm):
    step = "close"
    reason = forms.ChoiceField(label=_("结束的原因"))
    note = forms.CharField(label=_("说明"), max_length=300, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        reasons = FollowUp.CloseReason
        impossible = reasons.NO_DEAL if self.follow_up.status == FollowUp.Status.ASKING else reasons.NO_ANSWER
        possible = [one for one in reasons if one not in {impossible, reasons.UNWILLING}]
        self.fields["reason"].choices = [("", _("请选择")), *((one.value, one.label) for one in possible)]

    def _save(self, values):
        close_follow_up(self.follow_up, by=self.by, **values)


class GiveForm(StepForm):
    step = "give"
    to = forms.ModelChoiceField(User.objects.none(), label=_("交给谁跟进"), empty_label=_("请选择"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        chosen = possible_owners(self.follow_up.match)
        self.fields["to"].queryset = chosen.exclude(pk=self.follow_up.owner_id)

    def _save(self, values):
        give_follow_up(self.follow_up, to=values["to"], by=self.by)


STEPS = {form.step: form for form in (ProgressForm, CloseForm, GiveForm)}
