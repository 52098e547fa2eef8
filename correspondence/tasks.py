from celery import shared_task

from correspondence.services import handovers, letters


@shared_task(ignore_result=True)
def remind_completers() -> int:
    return handovers.remind_completers()


@shared_task(ignore_result=True)
def send_monthly_letters() -> int:
    return letters.send_monthly_letters()
