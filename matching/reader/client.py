"""Asks a server with the interface of OpenAI's chat completions, such as vLLM, SGLang or a government cloud's gateway.

Standard library only. Redirects and proxies are not followed, so that key and texts reach the configured host only.
"""

import http.client
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from matching.reader.answers import answer_schema
from matching.reader.errors import Fault, ReaderError
from matching.reader.questions import Question

CONNECT_TIMEOUT = 10.0  # seconds
MAX_ANSWER = 1_000_000  # bytes
MAX_WAIT = 60.0
"""Seconds: a longer `Retry-After` is cut."""
FAULTS = dict.fromkeys((408, 425, 429, 500, 502, 503, 504), Fault.BUSY) | dict.fromkeys((400, 413, 422), Fault.REJECTED)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model returned. Tokens are 0 if the server does not count them."""

    content: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ChatClient:
    """`url`: with or without /v1; `timeout`: seconds for a whole request. Raises ValueError if they cannot be used."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = 120.0
    max_tokens: int = 8192

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the address of the reader must begin with http:// or https:// and name a host")
        if parts.username or parts.query or parts.fragment:
            raise ValueError("the address of the reader must not contain a user name, a query or a fragment")
        parts.port  # noqa: B018 raises ValueError
        if not (self.key.isascii() and self.key.isprintable()):  # http.client would put the key into its own error
            raise ValueError("the key of the reader has characters that no HTTP header can carry")

    def answer(self, question: Question) -> Reply:
        """Ask one question once. Raises ReaderError."""
        return self.complete(question.messages, "grades", answer_schema(question))

    def complete(self, messages: list[dict[str, str]], name: str, schema: dict[str, Any]) -> Reply:
        """Send messages once; `schema`, called `name`, is that of the wanted JSON object. Raises ReaderError."""
        body = json.dumps(self._request(messages, name, schema), ensure_ascii=False).encode()
        started = time.monotonic()
        status, wait, raw = self._exchange(body)
        if status != 200:
            raise ReaderError(FAULTS.get(status, Fault.REFUSED), status=status, wait=wait)
        return _reply(raw, time.monotonic() - started)

    def _request(self, messages: list[dict[str, str]], name: str, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": self.max_tokens,
            "stream": False,
            "response_format": {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}},
        }

    def _exchange(self, body: bytes) -> tuple[int, float, bytes]:
        """Return status, seconds to wait, and body. The timer ends a request whose bytes drip in one by one."""
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=min(CONNECT_TIMEOUT, self.timeout))
        path = parts.path.rstrip("/").removesuffix("/v1") + "/v1/chat/completions"
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        is_late = threading.Event()
        timer: threading.Timer | None = None
        started = time.monotonic()
        try:
            connection.connect()
            left = max(self.timeout - (time.monotonic() - started), 0.1)
            connection.sock.settimeout(left)
            timer = threading.Timer(left, _cut, [connection.sock, is_late])
            timer.daemon = True
            timer.start()
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            raw = response.read(MAX_ANSWER + 1)
            if is_late.is_set():
                raise ReaderError(Fault.TIMEOUT)
            if len(raw) > MAX_ANSWER:
                raise ReaderError(Fault.NO_COMPLETION)
            if response.length:  # the server closed before the length it had announced
                raise ReaderError(Fault.UNREACHABLE)
            return response.status, _seconds(response.getheader("Retry-After")), raw
        except (OSError, http.client.HTTPException) as error:
            is_slow = is_late.is_set() or (isinstance(error, TimeoutError) and timer is not None)
            raise ReaderError(Fault.TIMEOUT if is_slow else Fault.UNREACHABLE) from None
        finally:
            if timer:
                timer.cancel()
            connection.close()


def _cut(sock: socket.socket, is_late: threading.Event) -> None:
    is_late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:  # closed meanwhile
        return


def _reply(raw: bytes, seconds: float) -> Reply:
    try:
        data = json.loads(raw)
        content = data["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ReaderError(Fault.NO_COMPLETION) from None
    if not isinstance(content, str):
        raise ReaderError(Fault.NO_COMPLETION)
    usage = data.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return Reply(content, token_count(usage.get("prompt_tokens")), token_count(usage.get("completion_tokens")), seconds)


def token_count(value: Any) -> int:
    return value if isinstance(value, int) and 0 < value < 10_000_000 else 0


def _seconds(header: str | None) -> float:
    return min(float(header), MAX_WAIT) if header and header.strip().isdecimal() else 0.0
