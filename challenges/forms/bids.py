"""Forms of those who bid: the draft, its consortium and its files; and of those who ask or object."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Organisation, User
from achievements.models import Achievement
from challenges.bid_content import HINTS, LONGEST, SHORT, TEXTS, Content
from challenges.forms.terms import amount, text_area
from challenges.models import Bid, Challenge
from challenges.services.bidding import (
    MEMBER_KINDS,
    add_bid_file,
    current_members,
    invite_member,
    read_draft,
    save_bid,
)
from challenges.services.publication import ask_question
from challenges.services.results import give_up_award, object_to_result
from core.file_validation import MAX_FILE_BYTES, too_large_message
from core.forms import PlainField, ServiceForm, fixed_choice
from core.search_choice import SearchChoiceField
from taxonomy.money import wan_text

MAX_CHOICES = 200
DRAFT = "draft"
"""The id of the form of the draft, with which the fields of a step beside it are sent."""
FILE_HINT = "PDF、Word、Excel、PPT、PNG、JPG，不超过 20 MB；加密保存，开标以前只有本联合体能看"


class BidForm(ServiceForm):
    """The whole draft. `revision`: which version the fields were filled from.

    Each field carries beside it what it was filled with, so that a step beside the draft knows whether anything was
    typed: if not, a colleague's newer draft is no reason to refuse the step.
    """

    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, bid: Bid, by: User, **kwargs) -> None:
        self.bid, self.by, self.content = bid, by, read_draft(bid, by)
        self.indicators, self.milestones = list(bid.challenge.indicators.all()), list(bid.challenge.milestones.all())
        self.members = list(current_members(bid))
        super().__init__(*args, initial=self._initial(), **kwargs)
        for key, label in TEXTS.items():
            self.fields[key] = text_area(label, HINTS[key], rows=5, longest=LONGEST, required=False)
        self.fields["price_wan"] = amount(
            "报价（万元）", f"不超过榜金 {wan_text(bid.challenge.prize_wan)} 万元", required=False
        )
        for row in self.indicators:
            label = f"承诺：{row.name} {row.text}"
            self.fields[f"promise-{row.pk}"] = PlainField(label=label, max_length=SHORT, required=False)
        for milestone in self.milestones:
            label = f"第 {milestone.month} 个月“{milestone.title}”怎样做到"
            self.fields[f"plan-{milestone.pk}"] = PlainField(label=label, max_length=SHORT, required=False)
        for member in self.members if len(self.members) > 1 else ():
            name = f"part-{member.organisation.public_id}"
            self.fields[name] = text_area(f"{member.organisation}承担的部分", rows=3, required=False)
        self.fields["achievements"] = forms.MultipleChoiceField(
            label="相关的已入库成果", required=False, choices=self._achievements(), widget=forms.CheckboxSelectMultiple
        )
        if not self._achievements():
            del self.fields["achievements"]

        for name, field in self.fields.items():
            field.show_hidden_initial = name != "revision"
        self._label_as_required(not self.is_bound)

    @property
    def was_typed_in(self) -> bool:
        return any(name != "revision" for name in self.changed_data)

    def full_clean(self) -> None:
        super().full_clean()
        self._label_as_required(True)

    def _label_as_required(self, is_required: bool) -> None:
        """What is needed to hand in is not labelled 选填; while cleaning, a draft may leave it blank."""
        for name, field in self.fields.items():
            field.required = name == "revision" or (is_required and name != "achievements")

    def _achievements(self) -> list[tuple[str, str]]:
        units = [member.organisation_id for member in self.members]
        rows = Achievement.objects.visible_to(self.by).filter(institution__in=units).order_by("title", "pk")
        chosen = set(self.content["achievements"])
        near = rows.filter(industry=self.bid.challenge.demand.industry) | rows.filter(public_id__in=chosen)
        return list(near.values_list("public_id", "title")[:MAX_CHOICES])

    def _initial(self) -> dict[str, Any]:
        content = self.content
        values = {key: content[key] for key in (*TEXTS, "price_wan", "achievements")}
        values |= {f"promise-{pk}": text for pk, text in content["promises"].items()}
        values |= {f"plan-{pk}": text for pk, text in content["plan"].items()}
        values |= {f"part-{name}": part["work"] for name, part in content["parts"].items()}
        return values | {"revision": self.bid.revision}

    def _save(self, values: dict[str, Any]) -> None:
        content: Content = {key: values[key] for key in (*TEXTS, "price_wan")}
        content["promises"] = {str(row.pk): values[f"promise-{row.pk}"] for row in self.indicators}
        content["plan"] = {str(row.pk): values[f"plan-{row.pk}"] for row in self.milestones}
        parts = dict(self.content["parts"])
        for member in self.members if len(self.members) > 1 else ():
            name = member.organisation.public_id
            parts[name] = parts.get(name, {}) | {"work": values[f"part-{name}"]}
        content["parts"] = parts
        content["achievements"] = values.get("achievements", self.content["achievements"])
        save_bid(self.bid, values=content, revision=values["revision"], by=self.by)


class InviteForm(ServiceForm):
    organisation = SearchChoiceField(label="邀请一个单位联合揭榜")

    def __init__(self, *args, bid: Bid, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.bid, self.by = bid, by
        members = current_members(bid).values("organisation")
        rows = Organisation.objects.filter(kind__in=MEMBER_KINDS, is_active=True).exclude(pk__in=members)
        self.units = {row.public_id: row for row in rows.order_by("kind", "name")[:500]}
        choices = [(key, f"{row}（{row.get_kind_display()}）") for key, row in self.units.items()]
        fixed_choice(self, "organisation").choices = [("", "请选择"), *choices]
        self.fields["organisation"].widget.attrs["form"] = DRAFT

    def _save(self, values: dict[str, Any]) -> None:
        invite_member(self.bid, organisation=self.units[values["organisation"]], by=self.by)


class FileForm(ServiceForm):
    file = forms.FileField(label="上传一个附件", help_text=FILE_HINT)

    def __init__(self, *args, bid: Bid, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.bid, self.by = bid, by
        self.fields["file"].widget.attrs["form"] = DRAFT

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:  # checked before the content is read
            raise ValidationError(too_large_message(file.name))
        return file

    def _save(self, values: dict[str, Any]) -> None:
        add_bid_file(self.bid, content=values["file"].read(), name=values["file"].name, by=self.by)


class GiveUpForm(ServiceForm):
    reason = text_area("原因", "企业和市里会看到；放弃以后不能恢复", rows=2, longest=300)

    def __init__(self, *args, bid: Bid, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.bid, self.by = bid, by
        self.fields["reason"].error_messages["required"] = "请写明为什么放弃揭榜。"

    def _save(self, values: dict[str, Any]) -> None:
        give_up_award(self.bid, reason=values["reason"], by=self.by)


class AskForm(ServiceForm):
    text = text_area("问题", "问答都公开，不显示是谁问的；请不要写方案的内容", longest=500)

    def __init__(self, *args, challenge: Challenge, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.challenge, self.by = challenge, by

    def _save(self, values: dict[str, Any]) -> None:
        ask_question(self.challenge, text=values["text"], by=self.by)


class ChallengeObjectionForm(ServiceForm):
    text = text_area("异议的事实和理由", "不少于 10 个字；只有市里的经办人能看到", rows=4)

    def __init__(self, *args, challenge: Challenge, by: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.challenge, self.by = challenge, by

    def _save(self, values: dict[str, Any]) -> None:
        object_to_result(self.challenge, text=values["text"], by=self.by)
