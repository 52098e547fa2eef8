from celery import shared_task

from accounts import services


@shared_task
def forget_old_attempts():
    services.forget_old_attempts()
