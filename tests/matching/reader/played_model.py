"""A small HTTP server that plays language models: good, slow, lying, obedient and broken ones."""

import json
import re
import socket
import threading
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

type Grade = Callable[[dict, dict], int]
"""From the need and the achievement of a question, each {"title", "text"}, to a grade."""


def answer(data: dict, grade: Grade, quote: Callable[[dict, dict], str] | None = None) -> dict:
    """The answer of a model that grades so and quotes the beginning of the achievement's text."""
    rows = []
    for achievement in data["achievements"]:
        grade_of_pair = grade(data["need"], achievement)
        quotation = quote(data["need"], achievement) if quote else first_words(achievement)
        statement = {"text": "对象和工艺相同", "quotation": quotation}
        kind = "fits" if grade_of_pair >= 2 else "excludes"
        lists = {"fits": [], "missing": [], "excludes": []} | {kind: [statement]}
        rows.append({"id": achievement["id"], "grade": grade_of_pair, **lists})
    return {"achievements": rows}


def first_words(text: dict) -> str:
    """A sentence that stands in the text, or the title if there is none long enough."""
    parts = re.split(r"[。；;\n]", text["text"])
    return next((part[:60] for part in parts if len("".join(part.split())) >= 6), text["title"])


def data_of(request: dict) -> dict:
    return json.loads(request["messages"][-1]["content"])


def completion(content: str) -> dict:
    return {
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
    }


class PlayedModel:
    """`requests`: bodies received; `headers`: those of each. `respond` decides what a request gets; see the methods."""

    def __init__(self):
        self.requests: list[dict] = []
        self.headers: list[dict] = []
        self.paths: list[str] = []
        self.most_at_once = self._now = 0
        self.released = threading.Event()
        self._lock = threading.Lock()
        self.respond: Callable[[Handler, dict], None] = self.grading(lambda need, achievement: 0)

    def grading(self, grade: Grade, **options):
        """Answer each question well."""
        return self.saying(lambda data: json.dumps(answer(data, grade, **options), ensure_ascii=False))

    def saying(self, content_of: Callable[[dict], str]):
        """Return this content as a completion."""
        return lambda handler, request: handler.send(200, completion(content_of(data_of(request))))

    def status(self, code: int, **headers):
        return lambda handler, request: handler.send(code, {"error": {"message": "secret of the server"}}, **headers)

    def garbage(self, raw: bytes = b"\xff\xfe<html>"):
        return lambda handler, request: handler.send_raw(200, raw)

    def closing(self):
        """Close the connection without an answer."""
        return lambda handler, request: handler.hang_up()

    def hanging(self):
        """Accept the request and answer only when the test is over."""
        return lambda handler, request: self.released.wait(60)

    def dripping(self):
        """Send the head, then one byte at a time without end."""

        def drip(handler, request):
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
            while not self.released.wait(0.02):
                handler.wfile.write(b" ")
                handler.wfile.flush()

        return drip

    def enter(self, handler, request):
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self.requests.append(request)
            self.headers.append(dict(handler.headers))
            self.paths.append(handler.path)

    def leave(self):
        with self._lock:
            self._now -= 1


class Handler(BaseHTTPRequestHandler):
    model: PlayedModel
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        self.model.enter(self, request)
        try:
            self.model.respond(self, request)
        except OSError:  # the client went away
            self.close_connection = True
        finally:
            self.model.leave()

    def send(self, code: int, body: dict, **headers):
        self.send_raw(code, json.dumps(body, ensure_ascii=False).encode(), **headers)

    def send_raw(self, code: int, raw: bytes, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args):
        return


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        return


@contextmanager
def played_model():
    """A running server: yields its address and the model."""
    model = PlayedModel()
    server = Server(("127.0.0.1", 0), type("PlayedHandler", (Handler,), {"model": model}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", model
    finally:
        model.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
