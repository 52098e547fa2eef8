"""Reset of a forgotten password by mail, and what follows a new password."""

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from audit.services import record
from authentication.models import AccountMail
from authentication.services import sign_in_limits
from authentication.services.account_mails import ask_mail, tell_user
from authentication.services.sessions import end_other_sessions

MOST_ACCOUNTS_PER_ADDRESS = 3


@transaction.atomic
def ask_password_reset(name_or_address: str) -> None:
    """Ask for the mail with the link, for a user name or an address. Does the same work whether there is such a user.

    An address that several users have gets a mail for each, at most three.
    """
    text = name_or_address.strip()
    users = list(
        User.objects.filter(Q(username=text) | Q(email__iexact=text), is_active=True)
        .exclude(email="")
        .order_by("pk")[:MOST_ACCOUNTS_PER_ADDRESS]
        if text
        else []
    )
    recipients: list[User | None] = [*users] or [None]
    for recipient in recipients:
        ask_mail(recipient, AccountMail.Kind.RESET)


@transaction.atomic
def finish_password_reset(user: User) -> None:
    """After the user has chosen a new password by a link: end all sessions, forget devices, tell the user.

    The second factor stays as it is.
    """
    end_other_sessions(user, except_key=None, by=user)
    record("用邮件重置密码", user, by=user)
    tell_user(
        user,
        AccountMail.Kind.RESET_DONE,
        "您的密码刚通过邮件重置，其他登录都已退出。不是您本人的话，请联系系统管理员。",
        key="reset",
    )
    transaction.on_commit(lambda: sign_in_limits.forget_failures(user.username))
