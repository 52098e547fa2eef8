"""A person at a browser, as far as the test client goes: signs in, reads pages, fills in forms, walks the site."""

import html
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

HREF = re.compile(r'\s(?:href|src|action)="([^"#]+)')
ADDRESS = re.compile(r'https?://testserver(/[^\s"<>]*)')
ELSEWHERE = ("http", "//", "data:", "mailto:", "tel:")
XLSX = "spreadsheetml"


class Browser(Client):
    """`Browser()` is a visitor, `Browser(user)` has signed in."""

    def __init__(self, user=None):
        super().__init__()
        self.user = user
        if user:
            self.force_login(user)

    def read(self, address: str, *, status: int = 200) -> str:
        """What a page says, its entities resolved."""
        answer = self.get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return readable(answer)

    def send(self, address: str, fields: dict) -> str:
        """Send a form and read the page it leads to. Fails on a form that comes back with faults."""
        answer = self.post(address, fields, follow=True)
        assert answer.status_code == 200, (address, answer.status_code, said(answer))
        return readable(answer)

    # --- The workbench's imports --------------------------------------------------------------------------------
    def upload(self, kind: str, content: bytes, *, own: bool = False) -> str:
        """Upload a sheet; returns the address of its report."""
        sheet = SimpleUploadedFile("征集汇总表.xlsx", content)
        answer = self.post(reverse("import_start", args=[kind]), {"file": sheet} | ({"own": "1"} if own else {}))
        assert answer.status_code == 302, readable(answer)
        return answer.url

    def marked(self, report: str) -> bytes:
        """The uploaded workbook with its faults marked."""
        return self.get(_within(report, "marked/")).content

    def write(self, report: str) -> str:
        """Import what the report is about; returns the page that says what became of it."""
        own = {"own": "1"} if "own=1" in report else {}
        return self.send(_within(report, "write/"), own)

    # --- The admin ----------------------------------------------------------------------------------------------
    def act_on_all(self, model: str, action: str, query: str = "", **fields) -> str:
        """Run an action on everything that a list of the admin shows under a filter."""
        address = reverse(f"admin:{model}_changelist") + query
        shown = self.get(address).context["cl"].result_list
        assert len(shown), f"nothing to choose on {address}"
        chosen = {"action": action, "select_across": "1", "index": "0", "_selected_action": [shown[0].pk]}
        return self.send(address, chosen | fields)

    def act_on(self, obj, action: str, **fields) -> str:
        """Confirm the dialog of an action on one object's page in the admin."""
        meta = obj._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_{action}", args=[obj.pk])
        return self.send(address, {"_form_submitted": "1"} | fields)


def readable(answer) -> str:
    """What an answer says to a person, or to whoever reads its source: text, unescaped; the cells of a workbook."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    if XLSX in kind:
        sheets = load_workbook(io.BytesIO(content)).worksheets
        return "\n".join(str(v) for s in sheets for row in s.iter_rows(values_only=True) for v in row if v is not None)
    if "json" in kind:
        return json.dumps(json.loads(content), ensure_ascii=False)
    text = content.decode(errors="replace")
    return html.unescape(text) if "html" in kind or "xml" in kind else text


def said(answer) -> list[str]:
    """The messages and faults on the page, for a failing test to tell."""
    context = answer.context or {}
    return [str(message) for message in context.get("messages", ())] + [str(f) for f in context.get("faults", ())]


def walk(browser: Browser, *starts: str, within: tuple[str, ...] = ("/",), without: tuple[str, ...] = ()) -> dict:
    """Follow every link from `starts`, also those in JSON and XML: address → what it says.

    Of the endless combinations of filters one at a time is tried. Only what lies below `within`, not below `without`.
    """
    seen, waiting = {}, list(starts)
    while waiting:
        address = waiting.pop()
        if address in seen or len(parse_qs(urlsplit(address).query)) > 1:
            continue
        path = urlsplit(address).path
        if not path.startswith(within) or path.startswith(("/static/", *without)):
            continue
        # Each request from another address, as of many visitors: the API counts them.
        answer = browser.get(address, REMOTE_ADDR=f"192.0.2.{len(seen) % 250}")
        if answer.status_code == 405:  # the address of a form that is only sent
            continue
        assert answer.status_code in {200, 302}, (address, answer.status_code)
        seen[address] = readable(answer)
        links = HREF.findall(seen[address]) + ADDRESS.findall(seen[address])
        links += [answer.url] if answer.status_code == 302 else []
        waiting += [
            _absolute(link, address) for link in links if not link.startswith(("http", "//", "data:", "mailto:"))
        ]
    return seen


def _absolute(link: str, page: str) -> str:
    if link.startswith("?"):
        return urlsplit(page).path + link
    return link if link.startswith("/") else urlsplit(page).path + link


def _within(report: str, part: str) -> str:
    address = urlsplit(report)
    return address.path + part + ("?" + address.query if address.query else "")
