"""Change of a user's mail address: asked, confirmed by the new address, taken back by the old one."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from authentication.models import CONFIRM_WITHIN, UNDO_FOR, AccountMail, AddressChange
from authentication.services.account_mails import ask_mail, tell_user
from authentication.services.sessions import end_other_sessions
from core.masking import mask_email

Status = AddressChange.Status
OVER = "这个链接已经用过或已作废。"


@transaction.atomic
def ask_address_change(user: User, new_address: str) -> AddressChange:
    """Send a link to the new address; it is not used before it is confirmed. An earlier open change is dropped.

    Whether another user has this address is not said: an address does not identify an account.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if new_address.casefold() == user.email.casefold():
        raise ValidationError("这就是您现在的邮箱，不需要更换。")
    AddressChange.objects.filter(user=user, status=Status.ASKED).update(status=Status.DROPPED)
    change = AddressChange.objects.create(user=user, old_address=user.email, new_address=new_address)
    record("提出更换邮箱", user, by=user, changes={"email": [mask_email(user.email), mask_email(new_address)]})
    ask_mail(user, AccountMail.Kind.CONFIRM_ADDRESS, address_change=change)
    return change


@transaction.atomic
def confirm_address_change(change: AddressChange) -> None:
    """The owner of the new address agrees: it is the user's address now, and the old one is told with a link to undo.

    Raises ValidationError if the change is over, too old, or the address was changed otherwise meanwhile.
    """
    user = User.objects.select_for_update().get(pk=change.user_id)
    if user.email != change.old_address or not user.is_active:
        raise ValidationError(OVER)
    transition(
        change,
        when={"status": Status.ASKED, "asked_at__gte": timezone.now() - CONFIRM_WITHIN},
        values={"status": Status.CONFIRMED, "confirmed_at": timezone.now()},
        refusal=OVER,
        action="确认新邮箱",
        by=user,
    )
    User.objects.filter(pk=user.pk).update(email=change.new_address)
    if change.old_address:
        ask_mail(user, AccountMail.Kind.ADDRESS_CHANGED, address_change=change)
    user.refresh_from_db()
    tell_user(
        user, AccountMail.Kind.FACTOR, "您的邮箱已更换。原邮箱收到了一封可以撤回的邮件，7 天内有效。", key="address"
    )


@transaction.atomic
def undo_address_change(change: AddressChange) -> None:
    """The owner of the old address takes it back. Later changes are undone too; all sessions end, since somebody else
    may be in. Raises ValidationError if it is over or older than seven days.
    """
    user = User.objects.select_for_update().get(pk=change.user_id)
    transition(
        change,
        when={"status": Status.CONFIRMED, "confirmed_at__gte": timezone.now() - UNDO_FOR},
        values={"status": Status.UNDONE, "undone_at": timezone.now()},
        refusal=OVER,
        action="撤回更换邮箱",
        by=user,
    )
    later = AddressChange.objects.filter(user=user, asked_at__gt=change.asked_at)
    later.filter(status=Status.ASKED).update(status=Status.DROPPED)
    later.filter(status=Status.CONFIRMED).update(status=Status.UNDONE, undone_at=timezone.now())
    User.objects.filter(pk=user.pk).update(email=change.old_address)
    end_other_sessions(user, except_key=None, by=None)
