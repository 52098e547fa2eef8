"""The names of persons in achievements: deleting one at the person's request, and keeping it deleted."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.models import ERASED_NAME, User
from accounts.services.withdrawals import record_withdrawal, withdrawn_values
from achievements.models import Achievement, Completer
from audit.services import record

type DetailRows = dict[str, list[dict[str, Any]]]


@transaction.atomic
def erase_person(achievement: Achievement, name: str, *, by: User | None) -> int:
    """Delete a person's name from the achievement: as completer and as the one responsible. Returns how often it stood.

    A later form or sheet of the institution does not bring the name back, in any of its achievements.
    """
    record_withdrawal(achievement.institution_id, [name])
    erased, _by_model = Completer.objects.filter(achievement=achievement, name=name).delete()
    erased += Achievement.objects.filter(pk=achievement.pk, lead_person=name).update(lead_person=ERASED_NAME)
    achievement.refresh_from_db()
    record("删除个人信息", achievement, by=by, changes={"people": [erased, 0]})
    return erased


def leave_out_erased_people(achievement: Achievement, detail_rows: DetailRows) -> None:
    """Replace erased names in an achievement, and in detail rows about to be written, in one query."""
    leave_out_erased_of_many([(achievement, detail_rows)])


def leave_out_erased_of_many(contents: Iterable[tuple[Achievement, DetailRows]]) -> None:
    """The same for many achievements, in one query."""
    contents = list(contents)
    pairs = [
        (achievement.institution_id, name)
        for achievement, detail_rows in contents
        for name in (achievement.lead_person, *(row["name"] for row in detail_rows.get("completers", ())))
    ]
    erased = withdrawn_values(pairs)
    for achievement, detail_rows in contents if erased else ():
        if (achievement.institution_id, achievement.lead_person) in erased:
            achievement.lead_person = ERASED_NAME
        _filter_completers(achievement.institution_id, detail_rows, erased)


def leave_out_erased_of_sheet(contents: Iterable[tuple[dict[str, Any], DetailRows]]) -> None:
    """The same for the (fields, detail rows) of all rows of a sheet, in one query."""
    contents = list(contents)
    pairs = [
        (fields["institution_id"], name)
        for fields, detail_rows in contents
        for name in (fields.get("lead_person", ""), *(row["name"] for row in detail_rows.get("completers", ())))
    ]
    erased = withdrawn_values(pairs)
    for fields, detail_rows in contents if erased else ():
        if (fields["institution_id"], fields.get("lead_person")) in erased:
            fields["lead_person"] = ERASED_NAME
        _filter_completers(fields["institution_id"], detail_rows, erased)


def _filter_completers(institution_id: int, detail_rows: DetailRows, erased: set[tuple[int, str]]) -> None:
    if "completers" in detail_rows:
        rows = detail_rows["completers"]
        detail_rows["completers"] = [row for row in rows if (institution_id, row["name"]) not in erased]
