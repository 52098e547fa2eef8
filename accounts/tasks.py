from celery import shared_task

from accounts.services import sign_ins as sign_ins_services


@shared_task
def forget_old_attempts():
    sign_ins_services.forget_old_attempts()
