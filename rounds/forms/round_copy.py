"""The three screens on which a round is made from an earlier one."""

import re
from datetime import date, datetime

from django import forms
from django.utils.timezone import localtime, make_aware

from rounds.busy_days import BusyPeriod
from rounds.forms.venue import SlotsForm
from rounds.models import DockingRound, Hall
from rounds.round_dates import DateProposal, avoidance_reasons
from rounds.services.round_copy import MAX_TABLES

NUMERALS = "一二三四五六七八九十"
OTHER_DAY = "other"


class StartForm(forms.Form):
    """Name, themes and date. The days proposed are choices; another day needs a second word if it is to be avoided."""

    name = forms.CharField(label="活动名称", max_length=100)
    themes = forms.CharField(label="主题", max_length=200, required=False, help_text="用顿号分开")
    place = forms.CharField(label="地点", max_length=200, required=False)
    choice = forms.ChoiceField(label="日期", widget=forms.RadioSelect)
    day = forms.DateField(label="别的日期", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    begin = forms.TimeField(label="从", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    end = forms.TimeField(label="到", widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    despite = forms.BooleanField(label="我知道这一天不合适，仍用这一天", required=False)

    def __init__(self, source: DockingRound, proposals: list[DateProposal], own: list[BusyPeriod], *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.source, self.own = source, own
        days = [(f"{proposal.day}", f"{proposal.day} {proposal.weekday}") for proposal in proposals]
        self.fields["choice"].choices = [*days, (OTHER_DAY, "别的日期")]

    @property
    def chosen_day(self) -> date | None:
        choice = self.cleaned_data.get("choice")
        return self.cleaned_data.get("day") if choice == OTHER_DAY else date.fromisoformat(choice) if choice else None

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if DockingRound.objects.filter(name=name).exists():
            raise forms.ValidationError("已有同名活动“%s”，请换一个名称。" % name)
        return name

    def clean(self) -> dict:
        values = super().clean() or {}
        day, begin, end = self.chosen_day, values.get("begin"), values.get("end")
        if values.get("choice") == OTHER_DAY and not day and "day" not in self.errors:
            self.add_error("day", "请填写日期。")
        is_own_choice = values.get("choice") == OTHER_DAY and not values.get("despite")
        if day and is_own_choice and (reasons := avoidance_reasons(day, self.own)):
            self.add_error("day", "".join(reasons) + "请换一天；一定要用这一天的，勾选下面的确认。")
        if begin and end and end <= begin:
            self.add_error("end", "结束时间要晚于开始时间。")
        if day and begin and end and not self.errors:
            values["starts_at"] = make_aware(datetime.combine(day, begin))
            values["ends_at"] = make_aware(datetime.combine(day, end))
        return values


class VenueForm(forms.Form):
    """The number of tables of each hall; a field is named `tables_<hall>`."""

    def __init__(self, halls: list[Hall], *args, **kwargs):
        super().__init__(*args, **kwargs)
        for hall in halls:
            self.fields[f"tables_{hall.pk}"] = forms.IntegerField(
                label=hall.name,
                min_value=0,
                max_value=MAX_TABLES,
                initial=hall.tables,
                widget=forms.TextInput({"inputmode": "numeric", "size": 4}),
            )

    def numbers(self) -> dict[int, int]:
        return {int(name.removeprefix("tables_")): number for name, number in self.cleaned_data.items()}


class CopiedSlotsForm(SlotsForm):
    """The slots of the day; left as they are unless `renew` is ticked."""

    day = None
    renew = forms.BooleanField(label="按下面的规则重新生成当天的时段", required=False)
    field_order = ["renew", "begin", "end", "length", "pause", "breaks"]


class GuestsForm(forms.Form):
    """Which guests of the earlier round are listed. Nothing is ticked."""

    NONE, TICKED, COMING, ALL = "none", "ticked", "coming", "all"
    which = forms.ChoiceField(
        label="列入哪些单位",
        choices=[
            (TICKED, "只列入下面勾选的"),
            (COMING, "上次参加的全部列入"),
            (ALL, "上次名单上的全部列入"),
            (NONE, "都不列入"),
        ],
        initial=TICKED,
        widget=forms.RadioSelect,
    )


def next_name(name: str) -> str:
    """第四场科技成果对接会 → 第五场科技成果对接会; a year is raised by none. Empty if there is no number to raise."""
    match = re.search(r"第([一二三四五六七八九十]{1,3}|\d{1,3})(?=[场届次期])", name)
    if not match:
        return ""
    number = int(match[1]) if match[1].isdecimal() else _number(match[1])
    words = str(number + 1) if match[1].isdecimal() else _numeral(number + 1)
    return name[: match.start(1)] + words + name[match.end(1) :]


def _number(words: str) -> int:
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return NUMERALS.index(ones) + 1 if len(ones) == 1 else 0
    return (NUMERALS.index(tens) + 1 if tens else 1) * 10 + (NUMERALS.index(ones) + 1 if ones else 0)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十") + (
        NUMERALS[ones - 1] if ones else ""
    )


def usual_times(source: DockingRound) -> dict[str, str]:
    start, end = localtime(source.starts_at), localtime(source.ends_at)
    return {"begin": f"{start:%H:%M}", "end": f"{end:%H:%M}" if end.date() == start.date() else "17:00"}
