"""What a page must not do, noted while it is open: ask a foreign host, complain in the console, break its policy."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page

OURS = {"127.0.0.1", "localhost"}
LOCAL_SCHEMES = {"data", "blob", "about"}
FAILED_LOAD = "Failed to load resource"
"""The console's way to repeat a status that `refused` holds already."""


@dataclass
class Watch:
    """The complaints about one page. `refused`: (status, path) of every answer that was an error."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _request(self, request):
        address = urlsplit(request.url)
        if address.scheme not in LOCAL_SCHEMES and address.hostname not in OURS:
            self.complaints.append(f"asks a foreign host: {request.url}")

    def _response(self, response):
        if response.status >= 400:
            self.refused.append((response.status, urlsplit(response.url).path))

    def _console(self, message):
        # Chromium reports what the Content-Security-Policy blocked as errors too.
        if message.type in {"error", "warning"} and not message.text.startswith(FAILED_LOAD):
            self.complaints.append(f"{message.type}: {message.text}")

    def expect_refusal(self, status: int, path: str) -> None:
        """This page was to answer so; any other refusal stays a complaint."""
        self.refused.remove((status, path))

    def take_complaints(self) -> list[str]:
        """Every complaint so far, and forget them."""
        complaints = [*self.complaints, *(f"{status} {path}" for status, path in self.refused)]
        self.complaints.clear()
        self.refused.clear()
        return complaints
