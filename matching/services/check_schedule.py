"""The surveys 30, 60 and 90 days after a meeting whose sides both go on."""

from datetime import date, timedelta

from django.utils import timezone

from matching.models import FollowUp, FollowUpCheck


def schedule_checks(follow_up: FollowUp, met_on: date) -> None:
    """Schedule three surveys counted from this meeting; open surveys of an earlier meeting are dropped."""
    if follow_up.checks.filter(met_on__gt=met_on, dropped_at=None).exists():
        return  # an earlier meeting was recorded after a later one
    follow_up.checks.filter(met_on__lt=met_on, answered_at=None, dropped_at=None).update(dropped_at=timezone.now())
    FollowUpCheck.objects.bulk_create(
        [
            FollowUpCheck(follow_up=follow_up, kind=kind, met_on=met_on, due_on=met_on + timedelta(days=int(kind)))
            for kind in FollowUpCheck.Kind
        ],
        ignore_conflicts=True,
    )
