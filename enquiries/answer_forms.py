"""Form of an answer (应答) to a demand: one of the institution's own achievements, or an offer without one."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.forms import PlainField, fixed_choice, model_choice
from demands.models import Demand
from enquiries.fitting_items import FittingItem, fitting_items, offerable
from enquiries.models import Approach
from enquiries.models.approach import MAX_TEXT
from enquiries.models.offer import MAX_OFFER_TEXT
from enquiries.services.answers import OfferDetails, answer_demand, name_achievement, write_achievement
from matching.models import Match

FREE = "free"
"""Value of the choice without an achievement."""
MAX_SEARCH = 50
TOO_LONG = "有 %(show_value)d 个字，最多 %(limit_value)d 个字，请精简。"
PRICE_ERRORS = {"invalid": "请填数字，例如 50 或 12.5，单位是万元。", "max_digits": "数额太大，请核对，单位是万元。"}


def _text(label: str, longest: int, rows: int, *, required: bool = False, help_text: str = "") -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=longest,
        required=required,
        help_text=help_text,
        # No maxlength in the browser: a pasted text would be cut without a word.
        widget=forms.Textarea({"rows": rows}),
        error_messages={"max_length": TOO_LONG},
    )
    field.widget.attrs.pop("maxlength", None)
    return field


def _price(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages=PRICE_ERRORS,
    )


class AnswerForm(forms.Form):
    """`items`: the achievements on offer. `save()` returns the approach, or None if the service refused."""

    item = forms.ChoiceField(
        label="用哪项成果应答",
        widget=forms.RadioSelect,
        error_messages={
            "required": "请选一项成果，或选“直接提方案”。",
            "invalid_choice": "这不是贵单位公开在库的成果，请另选一项。",
        },
    )
    institution = forms.ModelChoiceField(
        Organisation.objects.none(), label="应答单位", to_field_name="public_id", required=False, empty_label="请选择"
    )
    text = _text("我们能做什么", MAX_TEXT, 5, required=True, help_text="能解决对方哪个问题，做到什么程度")
    method = _text("准备怎么做", MAX_OFFER_TEXT, 3)
    duration = PlainField(
        label="大约要多久",
        max_length=60,
        required=False,
        help_text="例如 3 个月出样机",
        error_messages={"max_length": TOO_LONG},
    )
    price_min_wan = _price("大致价格从（万元）")
    price_max_wan = _price("到（万元）")
    strength = _text("为什么选我们", MAX_OFFER_TEXT, 3, help_text="做过的类似项目、团队、设备；不要写电话和邮箱")
    q = PlainField(label="在本单位的成果里找", max_length=MAX_SEARCH, required=False)

    def __init__(self, data: MultiValueDict | None = None, *, demand: Demand, by: User, initial: dict | None = None):
        super().__init__(data, initial=initial)
        self.demand, self.by = demand, by
        own = Organisation.objects.filter(pk__in=by.scope.institution_ids).order_by("name")
        model_choice(self, "institution").queryset = own
        if len(own) == 1:
            del self.fields["institution"]
        self.only_institution = own[0] if len(own) == 1 else None
        typed: Mapping[str, Any] = data or initial or {}
        chosen = str(typed.get("item", ""))[:10]
        q = str(typed.get("q", "")).replace("\x00", "").strip()[:MAX_SEARCH]
        self.items: list[FittingItem] = fitting_items(demand, user=by, q=q, chosen=chosen)
        choices = [(row.achievement.public_id, row.achievement.title) for row in self.items]
        fixed_choice(self, "item").choices = [*choices, (FREE, "直接提方案，不用登记的成果")]

    def clean(self) -> dict:
        values = super().clean() or {}
        if values.get("item") == FREE and self.only_institution is None and not values.get("institution"):
            self.add_error("institution", "请选择由哪个单位应答。")
        low, high = values.get("price_min_wan"), values.get("price_max_wan")
        if low is not None and high is not None and high < low:
            self.add_error("price_max_wan", f"上限 {high} 万元低于下限 {low} 万元，请核对。")
        return values

    def save(self) -> Approach | None:
        values = self.cleaned_data
        achievement = None
        if values["item"] != FREE:
            achievement = offerable(self.by).select_related("institution").filter(public_id=values["item"]).first()
            if achievement is None:
                self.add_error("item", "这项成果现在不能用来应答，请另选一项。")
                return None
        institution = achievement.institution if achievement else values.get("institution") or self.only_institution
        assert institution is not None  # `clean` asks for it
        details = OfferDetails(**{name: values[name] for name in OfferDetails.__dataclass_fields__})
        try:
            return answer_demand(
                self.demand,
                institution=institution,
                achievement=achievement,
                text=values["text"],
                details=details,
                by=self.by,
            )
        except ValidationError as error:
            self._add_service_error(error)
            return None

    def _add_service_error(self, error: ValidationError) -> None:
        """At its field, if the service names one of this form."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)

    @property
    def offer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("text", "method", "duration", "price_min_wan", "price_max_wan", "strength")]


class DeclineForm(forms.Form):
    """谢绝 with a reason of the review."""

    reason = forms.ChoiceField(
        label="为什么不合适",
        choices=Match.RejectReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择一个原因，对方会看到，系统以后也会少推荐这样的。"},
    )
    note = _text("补充说明", 300, 2, help_text="选“其他原因”时请写一句；对方会看到")


class NameAchievementForm(forms.Form):
    """With which achievement a free offer goes on: an own one, also an unpublished one, or a new draft."""

    item = forms.ModelChoiceField(
        Achievement.objects.none(),
        label="用哪项成果对接",
        to_field_name="public_id",
        required=False,
        empty_label="新写一条",
        error_messages={"invalid_choice": "这不是贵单位可以用的成果，请另选一项。"},
    )
    title = PlainField(label="成果名称", max_length=200, required=False)
    lead_person = PlainField(label="负责人", max_length=30, required=False)
    form = forms.ChoiceField(label="成果体现形式", choices=Achievement.Form.choices, required=False)
    stage = forms.ChoiceField(label="所处阶段", choices=Achievement.Stage.choices, required=False)

    def __init__(self, data: MultiValueDict | None = None, *, approach: Approach, by: User):
        super().__init__(data)
        self.approach, self.by = approach, by
        over = (Achievement.Status.WITHDRAWN, Achievement.Status.TRANSFERRED, Achievement.Status.PAUSED)
        own = Achievement.objects.filter(institution=approach.institution_id).exclude(status__in=over)
        model_choice(self, "item").queryset = own.order_by("title")

    def clean(self) -> dict:
        values = super().clean() or {}
        if not values.get("item") and "item" not in self.errors:
            for name, sentence in (("title", "请写明成果名称。"), ("lead_person", "请写明负责人。")):
                if not values.get(name):
                    self.add_error(name, sentence)
        return values

    def save(self) -> bool:
        values = self.cleaned_data
        try:
            if values["item"]:
                name_achievement(self.approach, values["item"], by=self.by)
            else:
                rest = {name: values[name] for name in ("title", "lead_person", "form", "stage")}
                write_achievement(self.approach, by=self.by, **rest)
        except ValidationError as error:
            self.add_error(None, error.messages)
            return False
        return True
