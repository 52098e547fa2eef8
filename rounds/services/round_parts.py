"""Saving the basic data of a round from its checked forms: the round, its organisers, its halls and slots."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.changes import changes_of, changes_of_rows
from audit.services import record
from rounds.models import DockingRound
from rounds.services.rounds import check_city, save_round
from rounds.services.venue import lock_open_round


@transaction.atomic
def save_basics(form: Any, organisers: Any, *, by: User) -> DockingRound:
    """Save a valid model form of a round, new or changed, with the inline formset of its organisers.

    Raises PermissionDenied, ValidationError.
    """
    docking_round: DockingRound = form.instance
    is_new = docking_round.pk is None
    save_round(docking_round, form.changed_data, by=by)
    form.save_m2m()
    organisers.instance = docking_round
    organisers.save()
    changes = changes_of(form, [organisers], new=is_new)
    if changes or is_new:
        record("新建" if is_new else "修改", docking_round, by=by, changes=changes)
    return docking_round


@transaction.atomic
def save_places(docking_round: DockingRound, formsets: Sequence[Any], *, by: User) -> bool:
    """Save valid rows of halls and slots; return whether any changed. Raises PermissionDenied, ValidationError."""
    check_city(by)
    row = lock_open_round(docking_round)
    for formset in formsets:
        formset.save()
    changes = changes_of_rows(formsets)
    if changes:
        record("修改", row, by=by, changes=changes)
    return bool(changes)
