"""Open work (待办) of the city: runs that failed. The review of matches is in `portal.open_work`."""

from django.urls import reverse

from accounts.models import User
from matching.models import MatchRun
from open_work.sources import Clock, OpenWork


def failed_run_work(user: User) -> list[OpenWork]:
    """For those who may retry a run; nothing for others."""
    if not user.has_perm("matching.retry_matchrun"):
        return []
    return [
        OpenWork(
            "failed-runs",
            "没有匹配成的批次",
            MatchRun.objects.failed(),
            Clock("queued_at", days=1),
            f"{reverse('admin:matching_matchrun_changelist')}?status__exact=failed&kind=all",
            "查看原因并重试",
            "市级专员",
            lambda run: reverse("admin:matching_matchrun_change", args=[run.pk]),
        )
    ]
