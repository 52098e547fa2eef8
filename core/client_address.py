from ipaddress import ip_address

from django.conf import settings


def client_address(request) -> str | None:
    """The visitor's IP address: as our own proxy saw it if there is one, else the peer's.

    Only the last entry of X-Forwarded-For was written by the proxy; the ones before it are the visitor's own claim.
    """
    claimed = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS_PROXY:
        claimed = request.META.get("HTTP_X_FORWARDED_FOR", claimed).rpartition(",")[2]
    try:
        return str(ip_address(claimed.strip()))
    except ValueError:
        return None
