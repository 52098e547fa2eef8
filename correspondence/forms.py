"""Forms of the inbox: hand over, answer in place, check a completer's answer; and of the completer's page."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from accounts.models import User
from core.forms import DayInput, ServiceForm
from core.workdays import add_workdays
from correspondence.models import Handover
from correspondence.models.handover import MAX_ANSWER
from correspondence.people import completers_of
from correspondence.services.completer_answers import answer_by_link
from correspondence.services.handovers import LONGEST, hand_over
from correspondence.targets import Target, achievement_of
from enquiries.models import Approach
from enquiries.services.talks import LENGTHS, MAX_TIMES

USUAL_WORKDAYS, USUAL_MINUTES = 3, 60


class HandOverForm(ServiceForm):
    """交给完成人: who, until when, and whether the answer goes without a check."""

    person = forms.ChoiceField(
        label="交给谁",
        error_messages={"required": "请选择一位完成人。", "invalid_choice": "请选择一位完成人。"},
    )
    closes_on = forms.DateField(
        label="链接有效到",
        widget=DayInput,
        error_messages={"required": "请写截止日期。", "invalid": "日期请写成 2027-01-31 的样子。"},
    )
    note = forms.CharField(label="给完成人的话", max_length=300, required=False, widget=forms.Textarea({"rows": 2}))
    sends_at_once = forms.BooleanField(
        label="答复不经我们核对，直接发给对方", required=False, help_text="不勾选时，答复先回到收件箱，核对后再发"
    )

    def __init__(self, *args, target: Target, by: User, **kwargs):
        super().__init__(*args, **{**kwargs, "prefix": "handover"})
        self.target, self.by = target, by
        achievement = achievement_of(target)
        people = completers_of(achievement) if achievement else {}
        self.fields["person"].choices = list(people.items())  # type: ignore[attr-defined]
        today = timezone.localdate()
        day = add_workdays(today, USUAL_WORKDAYS)
        if isinstance(target, Approach) and target.awaits_answer:  # a day before the office has to answer
            day = max(today, min(day, target.answer_due_on - timedelta(days=1)))
        self.fields["closes_on"].initial = day
        self.fields["closes_on"].widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + LONGEST).isoformat(),
        }
        if not isinstance(target, Approach) and not hasattr(target, "answer"):
            del self.fields["sends_at_once"]  # whether to meet is the office's own word

    def _save(self, values: dict) -> None:
        self.handover = hand_over(
            self.target,
            values["person"],
            closes_on=values["closes_on"],
            note=values["note"],
            sends_at_once=values.get("sends_at_once", False),
            by=self.by,
        )


class CompleterForm(ServiceForm):
    """What a completer posts: `kind` is the button that was pressed."""

    kind = forms.ChoiceField(
        choices=Handover.Kind, error_messages={"required": "请选择怎样答复。", "invalid_choice": "请选择怎样答复。"}
    )
    text = forms.CharField(
        label="您的答复",
        required=False,
        max_length=MAX_ANSWER,
        widget=forms.Textarea({"rows": 6}),
        error_messages={"max_length": "内容有 %(show_value)d 个字，最多 %(limit_value)d 个字，请精简。"},
    )
    reason = forms.ChoiceField(label="为什么不合适", required=False, choices=[("", "请选择"), *Handover.Reason.choices])
    place = forms.CharField(label="地点或方式", required=False, max_length=100)
    minutes = forms.TypedChoiceField(
        label="时长",
        required=False,
        coerce=int,
        initial=USUAL_MINUTES,
        choices=[(length, f"{length} 分钟") for length in LENGTHS],
    )

    def __init__(self, *args, handover: Handover, **kwargs):
        super().__init__(*args, **kwargs)
        self.handover = handover
        self.was_sent = False
        for number in range(1, MAX_TIMES + 1):
            self.fields[f"time_{number}"] = forms.DateTimeField(
                label=f"时间 {number}",
                required=False,
                widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
                error_messages={"invalid": "时间要写成 2026-12-01 14:00 这样。"},
            )

    def _save(self, values: dict) -> None:
        given = [values.get(f"time_{number}") for number in range(1, MAX_TIMES + 1)]
        starts: list[datetime] = [moment for moment in given if moment]
        self.was_sent = answer_by_link(
            self.handover,
            values["kind"],
            text=values["text"],
            reason=values["reason"],
            starts=starts,
            minutes=values["minutes"] or USUAL_MINUTES,
            place=values["place"],
        )
