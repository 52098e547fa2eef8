"""A test client with the steps of a user: log in, read pages, submit forms."""

import html
import io
import json
from unittest import mock
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User

XLSX = "spreadsheetml"
WITHOUT_CONTEXTS = mock.patch("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
"""Nobody asks with which context a page was rendered; the test client would copy it for each template."""


class Browser(Client):
    """`Browser()` is anonymous, `Browser(user)` is logged in."""

    def __init__(self, user: User | None = None) -> None:
        super().__init__()
        self.user = user
        if user:
            self.force_login(user)

    def read(self, address: str, *, status: int = 200) -> str:
        """The text of a page; see `readable`."""
        with WITHOUT_CONTEXTS:
            answer = self.get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return readable(answer)

    def send(self, address: str, fields: dict) -> str:
        """Submit a form and read the page that follows. Fails if the form has errors."""
        answer = self.post(address, fields, follow=True)
        assert answer.status_code == 200, (address, answer.status_code, shown_messages(answer))
        return readable(answer)

    # --- Imports ------------------------------------------------------------------------------------------------
    def upload(self, kind: str, content: bytes, *, own: bool = False) -> str:
        """Upload a sheet. Returns the URL of its report."""
        sheet = SimpleUploadedFile("征集汇总表.xlsx", content)
        answer = self.post(reverse("import_start", args=[kind]), {"file": sheet} | ({"own": "1"} if own else {}))
        assert answer.status_code == 302, readable(answer)
        return answer.url

    def marked(self, report: str) -> bytes:
        """The uploaded workbook with marked errors."""
        return self.get(within(report, "marked/")).content

    def write(self, report: str) -> str:
        """Import the sheet of the report and read the result page."""
        own = {"own": "1"} if "own=1" in report else {}
        return self.send(within(report, "write/"), own)

    # --- The admin ----------------------------------------------------------------------------------------------
    def act_on_all(self, model: str, action: str, query: str = "", **fields) -> str:
        """Run an action on all rows of a changelist, filtered by `query`."""
        address = reverse(f"admin:{model}_changelist") + query
        shown = self.get(address).context["cl"].result_list
        assert len(shown), f"no rows on {address}"
        chosen = {"action": action, "select_across": "1", "index": "0", "_selected_action": [shown[0].pk]}
        return self.send(address, chosen | fields)

    def act_on(self, obj: Model, action: str, **fields) -> str:
        """Confirm the dialog of an action on the admin page of an object."""
        meta = obj._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_{action}", args=[obj.pk])
        return self.send(address, {"_form_submitted": "1"} | fields)


def one_line(text: str) -> str:
    """The text with each run of whitespace as one space, as a browser displays it."""
    return " ".join(text.split())


def readable(answer: HttpResponseBase) -> str:
    """A response as text: HTML source on one line without entities, JSON without escapes, workbook cells."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    if XLSX in kind:
        sheets = load_workbook(io.BytesIO(content)).worksheets
        return "\n".join(str(v) for s in sheets for row in s.iter_rows(values_only=True) for v in row if v is not None)
    if "json" in kind:
        return json.dumps(json.loads(content), ensure_ascii=False)
    text = content.decode(errors="replace")
    if "html" in kind:
        return one_line(html.unescape(text))
    return html.unescape(text) if "xml" in kind else text


def shown_messages(answer: HttpResponseBase) -> list[str]:
    """The messages and form errors of a page, for the output of a failing test."""
    context = answer.context or {}
    return [str(message) for message in context.get("messages", ())] + [
        str(error) for error in context.get("errors", ())
    ]


def within(report: str, part: str) -> str:
    """The URL of a part of an import's report, with its query."""
    address = urlsplit(report)
    return address.path + part + ("?" + address.query if address.query else "")
