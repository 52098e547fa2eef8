from celery import shared_task

from accounts.services import sign_ins


@shared_task
def forget_old_attempts() -> None:
    sign_ins.delete_expired_sign_in_data()
