"""The form with which a side confirms or contradicts what was said about it, signed in or by link."""

from django import forms

from accounts.models import Contact, User
from accounts.services.contacts import ContactDetails
from core.forms import ServiceForm, fixed_choice
from demands.forms import CellField
from matching.models import ConfirmationRequest, Match, SideResponse, SideStatement
from matching.services.confirmations import NO, UNSAID, WILLING, YES
from rounds.services.confirmations import answer_request
from sheets.values import Email, Phone

NEW = "new"
Kind = ConfirmationRequest.Kind


class ConfirmationForm(ServiceForm):
    """`answer`: YES, or what is the case instead. A confirmed call also names the contact, who consents."""

    answer = forms.ChoiceField(label="实际情况", error_messages={"required": "请选择一项。"})
    reason = forms.ChoiceField(label="主要原因", required=False, help_text="选“不合适”或“不愿意”时填写")
    note = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea({"rows": 2}), help_text="对方看不到"
    )
    contact = forms.ChoiceField(label="由谁与对方联系", required=False)
    name = forms.CharField(label="联系人姓名", max_length=30, required=False)
    phone = CellField(
        Phone(), empty="", label="联系电话", inputmode="tel", max_length=30, required=False,
        help_text="手机号，或带区号的座机号",
    )  # fmt: skip
    email = CellField(Email(), empty="", label="邮箱", required=False, inputmode="email")
    consents = forms.BooleanField(
        required=False,
        label="联系人本人同意：双方都愿意后，把姓名、电话和邮箱提供给对方单位和负责跟进的专员或技术经纪人，只用于这次对接。",
    )

    def __init__(self, *args, request: ConfirmationRequest, by: User | None = None, **kwargs):
        super().__init__(*args, prefix=f"confirm-{request.side}", **kwargs)
        self.request, self.by = request, by
        self.is_call = request.kind == Kind.PHONE
        self.response = request.follow_up.responses.select_related("reported_contact").get(side=request.side)
        fixed_choice(self, "answer").choices = [(YES, "确认"), *self.instead]
        reasons = Match.RejectReason.choices if request.meeting_key else SideResponse.Reason.choices
        fixed_choice(self, "reason").choices = [("", "请选择"), *reasons]
        if not self.is_call:
            for field in ("contact", "name", "phone", "email", "consents"):
                del self.fields[field]
            return
        reported = self.response.reported_contact
        known = [(str(reported.pk), f"{reported.masked_name} {reported.masked_phone}")] if reported else []
        fixed_choice(self, "contact").choices = [*known, (NEW, "其他人，在下面填写")]
        self.initial.setdefault("contact", known[0][0] if known else NEW)
        self.has_known_contact = bool(known)
        confirms = not self.is_bound or self.data.get(self.add_prefix("answer")) == YES
        self.fields["contact"].required = self.fields["consents"].required = confirms

    @property
    def instead(self) -> list[tuple[str, str]]:
        """What may be the case instead of what was said."""
        if self.is_call:
            return [(NO, "不愿意对接"), (UNSAID, "没有这样答复过")]
        choices = []
        if self.request.stance != SideStatement.Stance.WILLING:
            choices.append((WILLING, "还在谈，愿意继续"))
        if self.request.stance != SideStatement.Stance.NO:
            choices.append((NO, "不合适，不再继续"))
        return choices

    @property
    def confirms_refusal(self) -> bool:
        return self.request.stance == SideStatement.Stance.NO

    def clean(self):
        super().clean()
        values = self.cleaned_data
        answer = values.get("answer")
        is_no = answer == NO or (answer == YES and self.confirms_refusal)
        if is_no and not values.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "请选择主要原因。")
        if self.is_call and answer == YES:
            self._clean_contact(values)
        return values

    def _clean_contact(self, values: dict) -> None:
        if not values.get("consents"):
            self.add_error("consents", "对接需要联系人同意把联系方式提供给对方，请勾选同意。")
        if values.get("contact") == NEW:
            for field in ("name", "phone"):
                if not values.get(field) and field not in self.errors:
                    self.add_error(field, "请填写%(label)s。" % {"label": self.fields[field].label})

    def _save(self, values: dict) -> None:
        answer_request(
            self.request,
            values["answer"],
            reason=values["reason"],
            note=values["note"],
            contact=self._contact(values) if self.is_call else None,
            consents=values.get("consents", False),
            by=self.by,
        )

    def _contact(self, values: dict) -> Contact | ContactDetails | None:
        if values.get("contact") != NEW:
            return self.response.reported_contact
        organisation = self.response.organisation.pk
        return ContactDetails(organisation, values["name"], phone=values["phone"], email=values["email"])
