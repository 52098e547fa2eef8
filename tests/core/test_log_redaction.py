"""Log lines of requests that fail in every way: no name, telephone, token, query string or row stands in them."""

import json
import logging
import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.log_format import JsonFormatter, TextFormatter, WorkIdFilter
from core.log_redaction import SECRET_PARAMETERS, all_routes, redacted
from portal.views.public import home
from tests import factories

OPEN_PARAMETERS = {
    "app_label",
    "content_type_id",
    "export_id",
    "format",
    "from_encoding",
    "id",
    "key",
    "kind",
    "month",
    "name",
    "object_id",
    "pk",
    "place",
    "public_id",
    "round_id",
    "slug",
    "url",
}
"""Names of path parameters that let nobody in."""


def test_every_parameter_of_an_address_is_known_as_secret_or_open():
    """A new link with a secret calls it `code`, `token` or `secret`; then log lines hide it."""
    names = {name for route in all_routes() for name in re.findall(r"<(?:\w+:)?(\w+)>", route)}
    assert names - SECRET_PARAMETERS <= OPEN_PARAMETERS
    assert {"token", "secret"} <= names


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Not Found: /confirm/record/abc:DEF_1/ at once", "Not Found: /confirm/record/[…] at once"),
        ("/accounts/reset/MQ/c8x-0123456789/ failed", "/accounts/reset/[…] failed"),
        ("'/accounts/address/abc:def/undo/'", "'/accounts/address/[…]'"),
        ("GET /search/?q=张三 200", "GET /search/?[…] 200"),
        ("redis://:password@127.0.0.1:6379/0 refused", "redis://[…]@127.0.0.1:6379/0 refused"),
        ("mail to zhang.san@example.cn, 13812345678 or +86 138-1234-5678", "mail to […], […] or […]"),
        ("run 20260131 took 13812 ms at /achievements/", "run 20260131 took 13812 ms at /achievements/"),
    ],
)
def test_what_is_hidden_and_what_is_not(text, kept):
    assert redacted(text) == kept


@pytest.fixture
def lines():
    """What both formats write, as the handlers of the settings do."""
    written = []

    class Writer(logging.Handler):
        def emit(self, record):
            written.extend([JsonFormatter().format(record), TextFormatter().format(record)])

    writer = Writer(logging.DEBUG)
    writer.addFilter(WorkIdFilter())
    root = logging.getLogger()
    level, axes = root.level, logging.getLogger("axes").level
    root.addHandler(writer)
    root.setLevel(logging.DEBUG)
    logging.getLogger("axes").setLevel(logging.ERROR)  # as in the settings
    yield written
    root.removeHandler(writer)
    root.setLevel(level)
    logging.getLogger("axes").setLevel(axes)


PLANTED = (
    "张守拙",
    "13998765432",
    "shouzhuo@example.cn",
    "Tok3n-of-the-link",
    "密语甲",
    "210203199001011234",
    "k7m4x2qdhe",
)


@pytest.mark.long
def test_nothing_of_a_person_or_link_stands_in_the_lines(db, lines, settings, monkeypatch):
    settings.LOG_REQUESTS = True
    name, phone, mail, token, words, _number, code = PLANTED
    user = factories.user(username="user-of-the-walk")
    client = Client(raise_request_exception=False)
    client.get(reverse("search"), {"q": f"{name} {phone}"})
    client.post(reverse("login"), {"username": name, "password": words})
    client.post(reverse("password_reset"), {"username": name, "email": mail})
    for route in all_routes():
        if re.search(r"<\w+:(token|secret)>", route):
            client.get("/" + re.sub(r"<\w+:(token|secret)>", token, route))
        if "<public_id:code>" in route:
            client.get("/" + route.replace("<public_id:code>", code))
    client.get(f"/accounts/reset/MQ/{token}/")
    client.get(f"/no/such/page/?token={token}&phone={phone}")
    client.force_login(user)

    def broken_row(*_args):
        with transaction.atomic():
            User.objects.create(username=user.username, email=mail, name=f"{name}\n{phone}", phone=phone)

    def wrong_type(*_args):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::integer", [f"{name} {phone}"])

    for fault in (broken_row, wrong_type):
        monkeypatch.setattr(home, "render", fault)
        assert client.get("/").status_code == 500
    text = "\n".join(lines)
    assert "duplicate key value" in text and "Traceback" in text  # what went wrong does stand there
    assert [word for word in PLANTED if word in text] == []
    assert all(json.loads(line) for line in lines if line.startswith("{"))
