"""Forms about mandates: propose one, confirm one as its client, end one."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Contact, Organisation, User
from brokers.models import Agency, Broker
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import DayInput, PlainField, ServiceForm, fixed_choice, model_choice
from core.search_choice import SearchChoiceField
from core.throttling import exceeds
from mandates.models import Mandate, Right
from mandates.services.mandates import confirm_mandate, extend_mandate, propose_mandate

LOOKUPS_AN_HOUR = 40
"""Names of organisations that one user may try in an hour."""
CONSENTS = "联系人本人同意：把姓名、电话和邮箱提供给受托方，只用于这份委托。"


class ContactOfClientForm(ServiceForm):
    """The client's person whose details the agent may read, with the person's consent."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label="受托方可以联系谁",
        required=False,
        empty_label="不指定",
        help_text="只有委托范围含“查看委托方指定的联系人”时才提供",
    )
    consents = forms.BooleanField(label=CONSENTS, required=False)

    def offer_contacts(self, clients: Iterable[int]) -> None:
        rows = Contact.objects.selectable().filter(organisation__in=clients).order_by("name", "pk")
        model_choice(self, "contact").queryset = rows

    def clean(self) -> dict:
        values = super().clean() or {}
        if values.get("contact") and not values.get("consents"):
            self.add_error("consents", "提供联系方式需要联系人本人同意，请勾选；或者不指定联系人。")
        return values


class ProposeForm(ContactOfClientForm):
    """For a client, which chooses the agent, or for an agent, who names the client."""

    client_name = PlainField(
        label="委托方",
        max_length=100,
        help_text="企业或院所的全称，或 18 位统一社会信用代码",
        error_messages={"required": "请填写委托方的全称或统一社会信用代码。"},
    )
    agent = SearchChoiceField(label="委托给谁", error_messages={"required": "请选择技术经纪人或服务机构。"})
    client = forms.ModelChoiceField(Organisation.objects.none(), label="以哪个单位的名义", empty_label=None)
    acting_as = forms.ChoiceField(label="以谁的名义接受委托")
    purpose = PlainField(
        label="委托事项",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="例如“为本企业寻找轴承热处理技术，联系院所并组织洽谈”",
        error_messages={"required": "请写明委托办理什么。"},
    )
    rights = forms.MultipleChoiceField(
        label="委托范围",
        choices=Right.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="同意对接、签约、付款永远由委托方自己表示，不能委托",
        error_messages={"required": "请至少选择一项委托范围。"},
    )
    starts_on = forms.DateField(label="开始日期", widget=DayInput, initial=timezone.localdate)
    ends_on = forms.DateField(
        label="结束日期",
        widget=DayInput,
        help_text="最长三年；到期自动终止，随时可以提前终止",
        error_messages={"required": "请填写结束日期。"},
    )
    document = forms.FileField(
        label="委托书",
        required=False,
        help_text="签字盖章的扫描件，PDF、PNG、JPG，不超过 20 MB。委托方没有账号时必须上传",
        widget=forms.ClearableFileInput({"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
    field_order = [
        *("client_name", "agent", "client", "acting_as", "purpose", "rights", "starts_on", "ends_on"),
        *("contact", "consents", "document"),
    ]

    def __init__(self, *args, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.mandate: Mandate | None = None
        clients = Organisation.objects.filter(pk__in=by.scope.firm_ids | by.scope.institution_ids, is_active=True)
        self.is_client = clients.exists() and not by.scope.is_broker
        if self.is_client:
            self._offer_agents()
            model_choice(self, "client").queryset = clients.order_by("name")
            if len(clients) == 1:
                self.fields["client"].widget = forms.HiddenInput()
                self.fields["client"].initial = clients[0].pk
            self.offer_contacts(clients.values_list("pk", flat=True))
            if not any(row.kind == Organisation.Kind.FIRM for row in clients):
                fixed_choice(self, "rights").choices = [
                    choice for choice in Right.choices if choice[0] not in (Right.POST, Right.NAMED)
                ]
            unused = ["client_name", "acting_as", "document"]
        else:
            self._offer_own_sides()
            unused = ["client", "agent", "contact", "consents"]
        for name in unused:
            del self.fields[name]

    def _offer_agents(self) -> None:
        brokers = Broker.objects.certified().filter(user__isnull=False).select_related("agency__organisation")
        agencies = Agency.objects.listed().select_related("organisation")
        fixed_choice(self, "agent").choices = [("", "请选择"), *agent_choices(brokers, agencies)]

    def _offer_own_sides(self) -> None:
        sides = [(f"broker:{row.public_id}", f"本人：{row}") for row in Broker.objects.certified().filter(user=self.by)]
        agencies = Agency.objects.listed().filter(organisation__in=self.by.scope.agency_ids)
        sides += [(f"agency:{row.public_id}", f"本机构：{row}") for row in agencies.select_related("organisation")]
        fixed_choice(self, "acting_as").choices = sides

    def clean_client_name(self) -> str:
        """Only whole names and codes: the form lists no organisations."""
        text = self.cleaned_data["client_name"]
        if exceeds("mandate-clients", str(self.by.pk), LOOKUPS_AN_HOUR, 3600):
            raise ValidationError("一小时内查找的单位太多，请稍后再试。")
        rows = Organisation.objects.filter(kind__in=["firm", "institution"], is_active=True)
        by_code = rows.filter(credit_code=text.upper()) if len(text) == 18 else rows.none()
        self.cleaned_data["client"] = rows.filter(name=text).first() or by_code.first()
        if self.cleaned_data["client"] is None:
            raise ValidationError(
                "平台上没有名称是“%(text)s”的企业或院所。请核对全称；还没有登记的单位，请先请它注册。" % {"text": text}
            )
        return text

    def clean_document(self):
        document = self.cleaned_data["document"]
        if document and document.size > MAX_FILE_BYTES:
            raise ValidationError(too_large_message(document.name))
        return document

    def _save(self, values: dict) -> None:
        document = values.get("document")
        self.mandate = propose_mandate(
            client=values["client"],
            agent=agent_of(values.get("agent") or values["acting_as"]),
            rights=values["rights"],
            purpose=values["purpose"],
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            contact=values.get("contact"),
            document=(document.name, document.read()) if document else None,
            by=self.by,
        )


class ConfirmForm(ContactOfClientForm):
    """The other side agrees; a client names the contact that the scope asks for."""

    def __init__(self, *args, mandate: Mandate, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.mandate, self.by = mandate, by
        is_client = mandate.side_of(by.scope) == Mandate.Side.CLIENT
        if is_client and Right.CONTACT in mandate.rights:
            self.offer_contacts([mandate.client_id])
            self.fields["contact"].required = True
            self.fields["contact"].help_text = ""
        else:
            del self.fields["contact"], self.fields["consents"]

    def _save(self, values: dict) -> None:
        confirm_mandate(self.mandate, by=self.by, contact=values.get("contact"))


class ExtendForm(ServiceForm):
    """The client puts the last day off."""

    ends_on = forms.DateField(
        label="新的结束日期", widget=DayInput, error_messages={"required": "请填写新的结束日期。"}
    )

    def __init__(self, *args, mandate: Mandate, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.mandate, self.by = mandate, by

    def _save(self, values: dict) -> None:
        extend_mandate(self.mandate, ends_on=values["ends_on"], by=self.by)


def agent_of(value: str) -> Broker | Agency:
    """The row of a choice `broker:…` or `agency:…`. Raises ValidationError if it is no longer listed."""
    kind, _, public_id = value.partition(":")
    agent = (
        Broker.objects.certified().filter(public_id=public_id).first()
        if kind == "broker"
        else Agency.objects.listed().filter(public_id=public_id).first()
    )
    if agent is None:
        raise ValidationError("这位技术经纪人或这家机构现在不能接受委托，请另选。")
    return agent


def agent_choices(brokers: Iterable[Broker], agencies: Iterable[Agency]) -> list:
    """Grouped choices; `agent_of` finds the row of one."""
    return [
        ("技术经纪人", [(f"broker:{row.public_id}", _label(row)) for row in brokers]),
        ("服务机构", [(f"agency:{row.public_id}", str(row)) for row in agencies]),
    ]


def _label(broker: Broker) -> str:
    return f"{broker}（{broker.agency}）" if broker.agency else str(broker)
