"""Plan the next step of a case, and tick it off. Private to the agency."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from brokerage.models import NextStep


@transaction.atomic
def plan_step(*, subject_type: str, subject_id: int, text: str, due_on: date, by: User) -> NextStep:
    """Write the next step in place of the open one. The caller has checked that the user sees the case."""
    agency = min(by.scope.agency_ids, default=None)
    if agency is None:
        raise PermissionDenied("下一步由服务机构的技术经纪人记录。")
    open_step = NextStep.objects.visible_to(by).open().filter(subject_type=subject_type, subject_id=subject_id).first()
    step = open_step or NextStep(agency_id=agency, subject_type=subject_type, subject_id=subject_id, made_by=by)
    step.text, step.due_on = text, due_on
    step.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            step.save()
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, NextStep)) from None
    record("记录下一步", step, by=by, changes={"due_on": [None, due_on.isoformat()]})  # without the text: it is private
    return step


def finish_step(step: NextStep, *, by: User) -> None:
    if step.agency_id not in by.scope.agency_ids:
        raise PermissionDenied("这不是您机构的安排。")
    transition(
        step,
        when={"done_at": None},
        values={"done_at": timezone.now()},
        refusal="这一步已经完成了。",
        action="完成下一步",
        by=by,
    )
