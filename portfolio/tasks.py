from celery import shared_task

from portfolio.services import pictures, renewals, view_counts


@shared_task(ignore_result=True)
def store_views() -> int:
    return view_counts.store_views()


@shared_task(ignore_result=True)
def remind_completers() -> int:
    return renewals.remind_due()


@shared_task(ignore_result=True)
def make_sizes(picture_id: int) -> bool:
    return pictures.make_sizes(picture_id)


@shared_task(ignore_result=True)
def retry_pictures() -> int:
    return pictures.retry_waiting()
