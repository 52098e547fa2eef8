"""Forms of approaches. Saving a form calls one service."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import ServiceForm, fixed_choice, model_choice
from demands.models import Demand
from enquiries.models import Approach
from enquiries.models.approach import MAX_TEXT, Side
from enquiries.services.closing import block_sender, end_approach
from enquiries.services.docking import agree_to_dock
from enquiries.services.sending import send_enquiry
from enquiries.services.talks import LENGTHS, MAX_TIMES, propose_times
from enquiries.services.thread import MAX_FILES, post_message
from mandates.models import Right, clients_of, mandate_for
from matching.forms import ContactChoiceForm


def text_area(rows: int, **attributes: object) -> forms.Textarea:
    return forms.Textarea({"rows": rows, **attributes})


def firms_to_ask_for(by: User | None) -> QuerySet[Organisation]:
    """The user's own firms, and those whose agent the user is."""
    if by is None:
        return Organisation.objects.none()
    own = Q(pk__in=by.scope.firm_ids) | Q(pk__in=clients_of(by, Right.ANSWER))
    return Organisation.objects.firms().filter(own, is_active=True)


class EnquiryForm(ServiceForm):
    """我想谈这项: who, what for, one question, anonymous or not.

    `is_agent_of_both`: the user would ask, for a client, an institution that is a client too. Of what is sent so, the
    agent writes for neither side (`enquiries.permissions.only_side`): the page says it before.
    """

    purpose = forms.ChoiceField(
        label="想做什么",
        choices=[(value, Approach.Purpose(value).label) for value in Approach.FIRM_PURPOSES],
        widget=forms.RadioSelect,
        initial=Approach.Purpose.ADOPT,
        error_messages={"required": "请选择想做什么。", "invalid_choice": "请选择想做什么。"},
    )
    text = forms.CharField(
        label="一个问题",
        max_length=MAX_TEXT,
        widget=text_area(4),
        help_text="例如现在的工况、想达到什么效果。不要写联系方式，双方同意后由平台提供",
        error_messages={
            "required": "请写下一个想问的问题。",
            "max_length": "内容有 %(show_value)d 个字，最多 %(limit_value)d 个字，请精简。",
        },
    )
    firm = forms.ModelChoiceField(
        Organisation.objects.none(), label="以哪家企业的名义", error_messages={"required": "请选择以哪家企业的名义。"}
    )
    field_order = ["text", "purpose", "firm", "is_anonymous"]
    is_anonymous = forms.BooleanField(
        label="先匿名：对方只看到代号，企业同意公开名称或转入对接以后才看到名称", required=False
    )

    def __init__(self, *args, achievement: Achievement, by: User | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.achievement, self.by = achievement, by
        self.sent: Approach | None = None
        firms = firms_to_ask_for(by)
        if by is None or len(firms) == 1:
            del self.fields["firm"]
        else:
            model_choice(self, "firm").queryset = firms
        self.only_firm = firms[0] if len(firms) == 1 else None
        self.is_agent_of_both = (
            by is not None
            and any(firm.pk not in by.scope.firm_ids for firm in firms)
            and mandate_for(by, achievement.institution_id, Right.ANSWER) is not None
        )

    def _save(self, values: dict) -> None:
        firm = values.get("firm") or self.only_firm
        if firm is None or self.by is None:
            raise ValidationError("询问由企业账号发出。您的账号不属于任何企业。")
        self.sent = send_enquiry(
            self.achievement,
            firm=firm,
            purpose=values["purpose"],
            text=values["text"],
            is_anonymous=values["is_anonymous"],
            by=self.by,
        )


class ApproachForm(ServiceForm):
    """Base of the forms on the page of an approach. `step`: the last part of the address it is posted to.

    `side`: for which the user writes, which the page asks once for all its forms; the services check it again.
    """

    step = title = button = ""
    style = "btn-p"

    def __init__(self, *args, approach: Approach, by: User, side: str, **kwargs):
        super().__init__(*args, **{**kwargs, "prefix": self.step})
        self.approach, self.by, self.side = approach, by, side
        self.url_name = f"approach_{self.step}"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Zero or more files."""

    def clean(self, data: object, initial: object = None) -> list:
        uploads = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(upload, initial) for upload in uploads if upload]


class MessageForm(ApproachForm):
    step, title, button = "message", "回复", "发送"
    text = forms.CharField(
        label="要说的话",
        max_length=MAX_TEXT,
        widget=text_area(4),
        error_messages={
            "required": "请写下要说的内容。",
            "max_length": "内容有 %(show_value)d 个字，最多 %(limit_value)d 个字，请精简。",
        },
    )
    uploads = FilesField(
        label="附件",
        required=False,
        widget=FilesInput({"accept": ".pdf,.docx,.xlsx,.pptx,.png,.jpg,.jpeg"}),
        help_text=f"最多 {MAX_FILES} 个，每个不超过 20 MB：PDF、.docx、.xlsx、.pptx、PNG、JPG",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.approach.hides_firm and self.side == Side.FIRM:
            del self.fields["uploads"]

    def clean_uploads(self) -> list:
        uploads = self.cleaned_data["uploads"]
        for upload in uploads:
            if upload.size > MAX_FILE_BYTES:
                raise ValidationError(too_large_message(upload.name))
        return uploads

    def _save(self, values: dict) -> None:
        uploads = [(upload.name, upload.read()) for upload in values.get("uploads", ())]
        post_message(self.approach, text=values["text"], uploads=uploads, by=self.by)


class TimesForm(ApproachForm):
    step, title, button, style = "times", "约个时间谈", "提出时间", "btn-p"
    minutes = forms.TypedChoiceField(
        label="时长", choices=[(length, f"{length} 分钟") for length in LENGTHS], coerce=int, initial=60
    )
    place = forms.CharField(
        label="地点或方式", max_length=100, help_text="例如“贵校会议室”“网络会议，会议号另发”；不要写电话"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number in range(1, MAX_TIMES + 1):
            self.fields[f"time_{number}"] = forms.DateTimeField(
                label=f"时间 {number}",
                required=number == 1,
                widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
                error_messages={
                    "required": "请至少提出一个时间。",
                    "invalid": "时间要写成 2026-12-01 14:00 这样。",
                },
            )
        self.order_fields([*(f"time_{number}" for number in range(1, MAX_TIMES + 1)), "minutes", "place"])

    def _save(self, values: dict) -> None:
        given = [values.get(f"time_{number}") for number in range(1, MAX_TIMES + 1)]
        starts: list[datetime] = [moment for moment in given if moment]
        propose_times(self.approach, starts=starts, minutes=values["minutes"], place=values["place"], by=self.by)


class DockForm(ApproachForm, ContactChoiceForm):
    """转对接: the contact, the consent, and for the firm of an enquiry the demand it is about."""

    step, title = "dock", "转入对接"
    demand = forms.ModelChoiceField(
        Demand.objects.none(),
        label="对应本企业的哪项需求",
        required=False,
        empty_label="没有，按这条询问另记一项（不公开）",
        error_messages={"invalid_choice": "请选择本企业已发布的需求，或者不选。"},
    )
    consents = forms.BooleanField(
        label="联系人本人同意：双方都同意后，把姓名、电话和邮箱提供给对方单位和跟进人，只用于这次对接。",
        error_messages={"required": "转入对接需要联系人同意把联系方式提供给对方，请勾选同意。"},
    )
    field_order = ["demand", "contact", "name", "phone", "email", "consents"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        approach = self.approach
        if self.side == Side.FIRM and approach.is_enquiry:
            own = Demand.objects.open().filter(firm=approach.firm).order_by("-published_at")
            model_choice(self, "demand").queryset = own
        else:
            del self.fields["demand"]
        subject = approach.achievement if self.side == Side.INSTITUTION else approach.demand
        organisation = approach.organisation_of(self.side) if self.side else approach.firm
        self.offer_contacts(organisation, subject.contact_id if subject else None)
        theirs = approach.institution_agreed_at if self.side == Side.FIRM else approach.firm_agreed_at
        self.button = "同意，转入对接" if theirs else "提出转入对接"

    def _save(self, values: dict) -> None:
        agree_to_dock(
            self.approach,
            contact=self.chosen_contact(self.approach.organisation_of(self.side)),
            consents=values["consents"],
            demand=values.get("demand"),
            by=self.by,
        )


class EndForm(ApproachForm):
    step, title, button, style = "end", "结束，不再继续", "结束", "btn-no"
    reason = forms.ChoiceField(
        label="主要原因", choices=(), error_messages={"required": "请选择结束的原因。"}, help_text="对方会看到原因"
    )
    note = forms.CharField(label="补充说明", max_length=300, required=False, widget=text_area(2))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        sends = self.side == self.approach.sender_side
        reasons = [
            (value, label)
            for value, label in Approach.EndReason.choices
            if sends or value != Approach.EndReason.WITHDRAWN
        ]
        fixed_choice(self, "reason").choices = [("", "请选择"), *reasons]

    def _save(self, values: dict) -> None:
        end_approach(self.approach, reason=values["reason"], note=values["note"], by=self.by)


class BlockForm(ApproachForm):
    step, title, button, style = "block", "不再接收这个单位的询问", "不再接收", "btn-no"
    reason = forms.CharField(
        label="原因",
        max_length=300,
        widget=text_area(2),
        help_text="市科技局会看到，对方看不到",
        error_messages={"required": "请写明原因，例如“反复发来与成果无关的推销”。"},
    )

    def _save(self, values: dict) -> None:
        block_sender(self.approach, reason=values["reason"], by=self.by)


FORMS: dict[str, type[ApproachForm]] = {
    form.step: form for form in (MessageForm, TimesForm, DockForm, EndForm, BlockForm)
}
