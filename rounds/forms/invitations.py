"""Forms of an invitation: its code, and the answer that a guest gives or staff give for it."""

from datetime import datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils import dateformat, timezone

from accounts.models import User
from core.forms import PlainField
from rounds.models import Attendee, DockingRound, Party, Slot
from rounds.services.invitation_answers import (
    MAX_ATTENDEES,
    AnswerEffect,
    AttendeeInput,
    InvitationReply,
    answer_invitation,
)

COMING, DECLINED = "coming", "declined"
CHOICE_OF_ANSWER: dict[str, str] = {
    Party.Answer.COMING: COMING,
    Party.Answer.WAITING: COMING,
    Party.Answer.DECLINED: DECLINED,
}


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self):
        super().__init__(format="%Y-%m-%dT%H:%M")


class PersonForm(forms.Form):
    public_id = forms.CharField(required=False, widget=forms.HiddenInput, max_length=10)
    name = PlainField(label="姓名", max_length=30, required=False)
    position = PlainField(label="职务", max_length=40, required=False)
    is_companion = forms.BooleanField(label="随行人员，不参加洽谈", required=False)
    stands_in_for = PlainField(label="代替谁参加", max_length=30, required=False)
    dietary = PlainField(label="饮食要求", max_length=60, required=False, help_text="例如清真、素食")
    access = PlainField(label="无障碍需要", max_length=60, required=False, help_text="例如轮椅通道、手语")

    @property
    def more(self) -> list[forms.BoundField]:
        """What few people need, folded on the page."""
        return [self[name] for name in ("is_companion", "stands_in_for", "dietary", "access")]

    @property
    def has_more(self) -> bool:
        return any(field.value() for field in self.more) or any(field.errors for field in self.more)

    def clean(self) -> dict:
        super().clean()
        values = self.cleaned_data
        filled = any(values.get(name) for name in ("position", "is_companion", "stands_in_for", "dietary", "access"))
        if filled and not values.get("name") and "name" not in self.errors:
            what = "职务" if values.get("position") else "这一行的其他内容"
            self.add_error("name", f"填了{what}，请把姓名也填上。")
        return values


class PeopleFormSet(BaseFormSet):
    """The people who attend, followed by blank rows."""

    @property
    def people(self) -> tuple[AttendeeInput, ...]:
        rows = (form.cleaned_data for form in self.forms)
        return tuple(
            AttendeeInput(
                row["name"],
                row["position"],
                row["public_id"],
                role=Attendee.Role.COMPANION if row["is_companion"] else Attendee.Role.GUEST,
                stands_in_for=row["stands_in_for"],
                dietary=row["dietary"],
                access=row["access"],
            )
            for row in rows
            if row.get("name")
        )


def people_formset(party: Party, data: QueryDict | None = None) -> BaseFormSet:
    known = [
        {
            "public_id": person.public_id,
            "name": person.name,
            "position": person.position,
            "is_companion": person.role == Attendee.Role.COMPANION,
            "stands_in_for": person.stands_in_for,
            "dietary": person.dietary,
            "access": person.access,
        }
        for person in party.attendees.order_by("pk")
    ]
    blank = max(1, min(2 if known else 3, MAX_ATTENDEES - len(known)))
    formset_class = formset_factory(
        PersonForm, PeopleFormSet, extra=blank, max_num=MAX_ATTENDEES, absolute_max=MAX_ATTENDEES + 2,
        validate_max=True,
    )  # fmt: skip
    return formset_class(data, initial=known, prefix="people")


class ReplyForm(forms.Form):
    """Call `save()` once the form is valid. A refusal of the service becomes an error of the form."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    coming = forms.ChoiceField(
        label="是否参加",
        choices=[(COMING, "参加"), (DECLINED, "不参加")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择参加或不参加。"},
    )
    most_meetings = forms.IntegerField(
        label="最多安排几场洽谈", min_value=1, max_value=50, required=False, help_text="不填为不限"
    )
    note = PlainField(
        label="想谈什么，或不能参加的原因",
        max_length=300,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="只有工作人员看到",
    )

    busy = forms.MultipleChoiceField(
        label="这些时段不能洽谈",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="勾选的时段不会给您安排洽谈",
    )
    shows_name = forms.BooleanField(
        label="让其他参会单位看到我们来参加",
        required=False,
        help_text="只显示单位名称，不显示人员。不勾选，名单里不出现",
    )

    def __init__(self, *args, party: Party, by: User | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.party, self.by = party, by
        self.effect = AnswerEffect.SAVED
        self.slots = list(party.docking_round.slots.order_by("starts_at", "pk"))
        self._offer_slots()
        one_day = is_one_day(party.docking_round)
        for name, label, hint in (
            ("arrives_at", "几点到场", "不填为从头开始"),
            ("leaves_at", "几点离场", "不填为到结束"),
        ):
            if one_day:
                field = forms.TimeField(label=label, required=False, help_text=hint, widget=TimeInput())
            else:
                field = forms.DateTimeField(
                    label=label, required=False, help_text=hint, widget=MomentInput(),
                    input_formats=["%Y-%m-%dT%H:%M"],
                )  # fmt: skip
            self.fields[name] = field
            if moment := getattr(party, name):
                self.initial.setdefault(name, timezone.localtime(moment))
        self.order_fields(
            ["revision", "coming", "arrives_at", "leaves_at", "busy", "most_meetings", "shows_name", "note"]
        )
        self.initial |= {
            "revision": party.revision,
            "coming": CHOICE_OF_ANSWER.get(party.answer, ""),
            "most_meetings": party.most_meetings,
            "note": party.answer_note,
            "shows_name": party.shows_name,
        }
        self.people = people_formset(party, self.data if self.is_bound else None)

    def _offer_slots(self) -> None:
        if not self.slots:
            del self.fields["busy"]
            return
        one_day = is_one_day(self.party.docking_round)
        day = "" if one_day else "n月j日 "
        self.fields["busy"].choices = [
            (str(slot.pk), dateformat.format(timezone.localtime(slot.starts_at), f"{day}H:i") + f"–{_clock(slot)}")
            for slot in self.slots
        ]
        own = list(self.party.aways.filter(is_own=True).values_list("from_at", "until_at"))
        self.initial.setdefault(
            "busy",
            [
                str(slot.pk)
                for slot in self.slots
                if any(start <= slot.starts_at and slot.ends_at <= end for start, end in own)
            ],
        )

    def is_valid(self):
        """The rows of people are checked only if the party comes."""
        is_valid = super().is_valid()
        if is_valid and self.cleaned_data["coming"] == COMING and not self.people.is_valid():
            for message in self.people.non_form_errors():
                self.add_error(None, message)
            return False
        return is_valid

    @property
    def reply(self) -> InvitationReply:
        values = self.cleaned_data
        coming = values["coming"] == COMING
        docking_round = self.party.docking_round
        return InvitationReply(
            coming=coming,
            people=self.people.people if coming else (),
            arrives_at=combine_with_day(docking_round, values["arrives_at"]),
            leaves_at=combine_with_day(docking_round, values["leaves_at"]),
            most_meetings=values["most_meetings"],
            note=values["note"],
            shows_name=values["shows_name"],
            busy=self._busy(values.get("busy")),
        )

    def _busy(self, chosen: list[str] | None) -> tuple[tuple[datetime, datetime], ...] | None:
        """The chosen slots as periods; None if the round has no slots yet."""
        if chosen is None:
            return None
        return tuple((slot.starts_at, slot.ends_at) for slot in self.slots if str(slot.pk) in chosen)

    def save(self) -> bool:
        try:
            self.effect = answer_invitation(self.party, self.reply, revision=self.cleaned_data["revision"], by=self.by)
        except ValidationError as error:
            code = getattr(error, "code", None)
            for message in error.messages:
                self.add_error(None, ValidationError(message, code=code))
            return False
        return True

    @property
    def main(self) -> list[forms.BoundField]:
        """The fields below the people, in the order of the page."""
        names = ("arrives_at", "leaves_at", "busy", "most_meetings", "shows_name")
        return [self[name] for name in names if name in self.fields]


def _clock(slot: Slot) -> str:
    return f"{timezone.localtime(slot.ends_at):%H:%M}"


def is_one_day(docking_round: DockingRound) -> bool:
    return timezone.localdate(docking_round.starts_at) == timezone.localdate(docking_round.ends_at)


def combine_with_day(docking_round: DockingRound, value: time | datetime | None) -> datetime | None:
    """A datetime as it is; a time on the only day of the round."""
    if isinstance(value, time):
        return timezone.make_aware(datetime.combine(timezone.localdate(docking_round.starts_at), value))
    return value


class CodeForm(forms.Form):
    code = PlainField(label="邀请码", max_length=40, help_text="邀请函或邮件中的 10 位字母和数字")

    def clean_code(self) -> str:
        """Ignores spaces and case, because the code is typed from paper."""
        return "".join(self.cleaned_data["code"].split()).lower()
