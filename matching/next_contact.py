"""The proposed next day of contact of a follow-up, with its reason."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.timezone import localdate

from core.workdays import add_workdays, is_workday, workdays_text
from matching.models import FollowUp

WORKDAYS: dict[str, int] = {FollowUp.Status.TALKS: 10, FollowUp.Status.INTENT: 5}
"""An intent is to become a contract soon; talks need time for samples and offers."""


@dataclass(frozen=True)
class NextContact:
    day: date
    why: str


def propose_next_contact(follow_up: FollowUp) -> NextContact:
    """So many working days from today by the state of the follow-up, but before its next survey: whoever answers the
    survey should have spoken with the other side."""
    today = localdate()
    count = WORKDAYS.get(follow_up.status, WORKDAYS[FollowUp.Status.TALKS])
    day = add_workdays(today, count)
    state = "已达意向" if follow_up.status == FollowUp.Status.INTENT else "还在洽谈"
    why = f"{state}，按{workdays_text(count)}后建议 {_words(day)}"
    survey = follow_up.checks.filter(due_on__gt=today, dropped_at=None, answered_at=None).order_by("due_on").first()
    if survey and survey.due_on <= day:
        before = next((d for d in _days_before(survey.due_on, today) if is_workday(d)), None)
        if before:
            why = f"{state}，{_words(survey.due_on)}有{survey.get_kind_display()}回访，建议在它之前的 {_words(before)}"
            day = before
    return NextContact(day, f"{why}；可以改。")


def _days_before(day: date, today: date) -> list[date]:
    """The days between both, the latest first."""
    return [date.fromordinal(number) for number in range(day.toordinal() - 1, today.toordinal(), -1)]


def _words(day: date) -> str:
    return date_format(day, "n月j日")
