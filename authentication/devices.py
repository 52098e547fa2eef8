"""What a request tells about the browser: the token of a known device, a name for it, its address without the end."""

import hashlib
import re
import secrets
from ipaddress import IPv4Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "device"
COOKIE_SECONDS = 90 * 86400
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS|OpenHarmony", "鸿蒙设备"),
    ("Android", "安卓手机"),
    ("Windows", "Windows 电脑"),
    ("Mac OS X|Macintosh", "Mac 电脑"),
    ("Linux|X11", "Linux 电脑"),
)
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ 浏览器"),
    ("QIHU|360SE|360EE", "360 浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome|Chromium|CriOS", "Chrome"),
    ("Safari", "Safari"),
)


def token_of(request: HttpRequest) -> str:
    """The token of the cookie, "" without one. It has 256 random bits, so it is its own proof."""
    token = request.COOKIES.get(COOKIE, "")
    return token if re.fullmatch(r"[\w-]{43}", token) else ""


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest() if token else ""


def new_token() -> str:
    return secrets.token_urlsafe(32)


def set_cookie(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def describe(request: HttpRequest) -> str:
    """Family of system and browser, for the owner of the session only: "Windows 电脑，Edge"."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    system = next((name for pattern, name in SYSTEMS if re.search(pattern, agent)), "未知设备")
    browser = next((name for pattern, name in BROWSERS if re.search(pattern, agent)), "")
    return f"{system}，{browser}" if browser else system


def shorten(address: str | None) -> str:
    """An address without its last quarter: 203.0.113.7 → 203.0.113.*; of IPv6 the network of the subscriber."""
    if not address:
        return "未知"
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return address.rpartition(".")[0] + ".*"
    return f"{ip_network((parsed, 64), strict=False).network_address}*"


def network_of(address: str | None) -> str:
    """What one subscriber can change at will counts as one address: all of an IPv6 /64 network."""
    if not address:
        return ""
    parsed = ip_address(address)
    return address if isinstance(parsed, IPv4Address) else str(ip_network((parsed, 64), strict=False))
