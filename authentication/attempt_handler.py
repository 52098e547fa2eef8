"""AXES_HANDLER: what axes asks before a password is checked and tells afterwards."""

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username, get_failure_limit
from django.http import HttpRequest

from authentication.devices import token_of
from authentication.services import sign_in_limits as limits


class SignInHandler(AxesDatabaseHandler):
    """axes' lock of one name at one address, and the limits of `sign_in_limits` around it."""

    def is_allowed(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        username = get_client_username(request, credentials) or ""
        attempt = limits.describe_attempt(username, request.axes_ip_address, token_of(request))
        request.sign_in_attempt = attempt
        request.sign_in_wait = limits.begin_attempt(attempt)
        if request.sign_in_wait:
            return False
        if attempt.device_hash:
            return True
        under_way = limits.count_under_way(attempt)
        if self.get_failures(request, credentials) + under_way > get_failure_limit(request, credentials):
            limits.end_under_way(attempt)
            return False
        return True

    def is_whitelisted(self, request: HttpRequest, credentials: dict | None = None) -> bool:
        """Failures on a known device are counted for the device alone."""
        attempt = getattr(request, "sign_in_attempt", None)
        return bool(attempt and attempt.device_hash)

    def user_login_failed(self, sender: object, credentials: dict, request=None, **kwargs) -> None:
        attempt = getattr(request, "sign_in_attempt", None)
        was_locked = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if attempt and not attempt.device_hash and not was_locked:
            limits.end_under_way(attempt)


def forgive_attempt(request: HttpRequest) -> None:
    """To be called once the password was right; axes itself resets at the sign-in, which a second factor delays."""
    attempt = getattr(request, "sign_in_attempt", None)
    if attempt:
        limits.forgive_attempt(attempt)
        if not attempt.device_hash:
            limits.end_under_way(attempt)
