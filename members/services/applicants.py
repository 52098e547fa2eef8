"""Mails to applicants."""

from django.conf import settings
from django.urls import reverse

from accounts.models import SignUp
from members.recipients import absolute
from notices.services import SingleMail, send_single_mails


def tell_applicant(sign_up: SignUp) -> None:
    """Mail the link of the status page to an applicant who gave an address. The mail itself says no result."""
    if not sign_up.email:
        return
    site = settings.SITE["short_name"]
    page = absolute(reverse("sign_up_state", args=[sign_up.public_id]))
    body = f"您好！\n\n您在{site}的注册申请有了结果，请打开下面的页面查看：\n{page}\n\n不是您申请的，请忽略这封邮件。\n"
    send_single_mails([SingleMail(sign_up.email, f"{site}：注册申请有了结果", body)])
