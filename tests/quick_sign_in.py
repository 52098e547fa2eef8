"""`force_login` begins a session and does nothing else. Django's own also writes when the user signed in, and its
signal writes to the audit trail and clears the counts of failed sign-ins: 18 statements instead of 4.
"""

from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.test import Client

_force_login = Client.force_login


def begin_session(client: Client, user, backend: str | None = None) -> None:
    before, key = _session_of(client), user._meta.pk.value_to_string(user)
    if before is not None:
        if before.get(SESSION_KEY, key) == key:  # what the session of a visitor or of this user holds stays
            _force_login(client, user, backend)
            return
        before.delete()
    user.backend = backend or client._get_backend()
    request = HttpRequest()
    request.session = _store()
    request.session[SESSION_KEY] = key
    request.session[BACKEND_SESSION_KEY] = user.backend
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request.session.save()
    client._set_login_cookies(request)


def _session_of(client: Client) -> SessionBase | None:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return _store(cookie.value) if cookie and cookie.value else None


def _store(key: str | None = None) -> SessionBase:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def install() -> None:
    Client.force_login = begin_session
