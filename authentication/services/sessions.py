"""Known devices and sessions of a user: remembered at sign-in, listed and ended by the user."""

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from authentication.devices import hash_token, shorten
from authentication.models import AccountMail, KnownDevice, UserSession
from authentication.services.account_mails import tell_user


@transaction.atomic
def remember_sign_in(user: User, *, session_key: str, token: str, device: str, address: str | None) -> None:
    """Store session and device. A device that is new for a user who has others is told by notice and mail."""
    had_devices = KnownDevice.objects.filter(user=user).exists()
    known, is_new = KnownDevice.objects.get_or_create(
        user=user, token_hash=hash_token(token), defaults={"address": address}
    )
    UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={"user": user, "known_device": known, "device": device[:60], "address": shorten(address)},
    )
    if not is_new:
        KnownDevice.objects.filter(pk=known.pk).update(last_seen_at=timezone.now(), address=address)
    elif had_devices:
        sentence = f"您的账号刚在新设备上登录：{device}，地址 {shorten(address)}。不是您本人的话，请立即修改密码。"
        tell_user(user, AccountMail.Kind.DEVICE, sentence, key=f"device {known.pk}")


def end_session(session: UserSession, *, by: User) -> None:
    """End one of the user's own sessions. Its device is no longer known: a stranger's next sign-in is told again."""
    Session.objects.filter(session_key=session.session_key).delete()
    if session.known_device:
        session.known_device.delete()
    session.delete()
    record("结束登录", by, by=by, changes={"device": [session.device, None]})


def end_other_sessions(user: User, *, except_key: str | None, by: User | None) -> int:
    """End all listed sessions of the user but one, and forget all other devices. Returns how many sessions ended."""
    kept = UserSession.objects.filter(session_key=except_key or "").values("known_device")
    KnownDevice.objects.filter(user=user).exclude(pk__in=kept.exclude(known_device=None)).delete()
    keys = set(UserSession.objects.of(user).values_list("session_key", flat=True)) - {except_key}
    ended: int = Session.objects.filter(session_key__in=keys).delete()[0]
    UserSession.objects.filter(session_key__in=keys).delete()
    if ended:
        record("结束其他登录", user, by=by, changes={"sessions": [ended, 0]})
    return ended


def keep_session(old_key: str | None, new_key: str | None) -> None:
    """The session goes on under another key, as Django gives it after a change of the password."""
    UserSession.objects.filter(session_key=old_key).update(session_key=new_key)
