"""Note the legal state and the next fee of a patent of an achievement."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement, IntellectualProperty
from achievements.permissions import represents_institution
from audit.services import record
from portfolio.models import PatentStatus

Kind = IntellectualProperty.Kind
PATENTS = (Kind.INVENTION, Kind.UTILITY_MODEL, Kind.DESIGN)


def patent_numbers(achievement: Achievement) -> list[str]:
    """The numbers of its patents, in their order."""
    rows = achievement.intellectual_property.all()
    return list(dict.fromkeys(row.number for row in rows if row.number and row.kind in PATENTS))


def patents_of(achievement: Achievement) -> list[tuple[str, PatentStatus | None]]:
    """(number, its noted state) of each patent of the achievement."""
    noted = {row.number: row for row in achievement.patents.all()}
    return [(number, noted.get(number)) for number in patent_numbers(achievement)]


@transaction.atomic
def note_patent(
    achievement: Achievement, number: str, *, state: str, fee_due_on: date | None, by: User
) -> PatentStatus:
    """Store the state of one of the achievement's patents. Raises PermissionDenied, ValidationError."""
    if not represents_institution(achievement, by):
        raise PermissionDenied("“%(title)s”不是您单位的成果。" % {"title": achievement})
    if number not in patent_numbers(achievement):
        raise ValidationError("成果里没有这个专利号，请先在知识产权里填写。")
    row = PatentStatus.objects.select_for_update().filter(achievement=achievement, number=number).first()
    before = [str(row), str(row.fee_due_on or "")] if row else [None, None]
    row = row or PatentStatus(achievement=achievement, number=number)
    row.state, row.fee_due_on, row.noted_by, row.noted_at = state, fee_due_on, by, timezone.now()
    row.full_clean()
    row.save()
    changes = {"state": [before[0], str(row)], "fee_due_on": [before[1], str(fee_due_on or "")]}
    record("记录专利状态", achievement, by=by, changes=changes)
    return row
