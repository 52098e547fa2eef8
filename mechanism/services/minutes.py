"""Turn the decisions of meeting minutes into measures."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from audit.services import record
from mechanism.models import Measure, Minutes
from mechanism.services.measures import create_measures, require_city_staff


@transaction.atomic
def split_minutes(minutes: Minutes, measures: Iterable[Measure], *, by: User) -> list[Measure]:
    """Create `measures` as decisions of these minutes.

    Raises PermissionDenied, or ValidationError without measures or for a title that the minutes already have.
    """
    require_city_staff(by)
    Minutes.objects.select_for_update().get(pk=minutes.pk)
    measures = list(measures)
    if not measures:
        raise ValidationError("请至少勾选一条议定事项。")
    present = set(minutes.measures.values_list("title", flat=True))
    if twice := [measure.title for measure in measures if measure.title in present]:
        raise ValidationError("“%(title)s”已经从这份纪要拆成举措了。" % {"title": twice[0][:40]})
    for measure in measures:
        measure.minutes = minutes
    created = create_measures(measures, by=by)
    record("纪要拆成举措", minutes, by=by, changes={"measures": [None, len(created)]})
    return created
