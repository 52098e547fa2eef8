"""Minutes become work: each decision a measure with a body and a day."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from mechanism.models import Measure, Minutes
from mechanism.services.work import check_city, create_measures


@transaction.atomic
def split_minutes(minutes: Minutes, measures: Iterable[Measure], *, by) -> list[Measure]:
    """Enter `measures` as what these minutes decided; one that stands there already by its title is refused.

    Raises PermissionDenied, ValidationError. Sent twice, the second one is told so.
    """
    check_city(by)
    Minutes.objects.select_for_update().get(pk=minutes.pk)
    measures = list(measures)
    if not measures:
        raise ValidationError(_("请至少勾选一条议定事项。"))
    there = set(minutes.measures.values_list("title", flat=True))
    if twice := [one.title for one in measures if one.title in there]:
        raise ValidationError(_("“%(title)s”已经从这份纪要拆成举措了。") % {"title": twice[0][:40]})
    for one in measures:
        one.minutes = minutes
    made = create_measures(measures, by=by)
    record(_("纪要拆成举措"), minutes, by=by, changes={"measures": [None, len(made)]})
    return made
