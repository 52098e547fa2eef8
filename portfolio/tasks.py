from celery import shared_task

from portfolio.services import renewals, view_counts


@shared_task(ignore_result=True)
def store_views() -> int:
    return view_counts.store_views()


@shared_task(ignore_result=True)
def remind_completers() -> int:
    return renewals.remind_due()
