"""The site as browsers of tests reach it: static files from memory, threads and database connections that stay.

A browser opens up to six connections. Django's server for tests starts a thread for each, which connects to the
database anew: PostgreSQL would start a process for every few pages.
"""

import mimetypes
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.http import Http404, HttpResponse
from django.test.testcases import LiveServerThread

MOST_THREADS = 64
"""More than all browsers of a test keep open: a connection that waits for its next request holds its thread."""
STATIC: dict[str, tuple[bytes, str | None]] = {}
"""Path → content and type of each static file that a page asked for: every new browser asks for all of them."""


class LastingThreads(ThreadedWSGIServer):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="live-server")
        self.is_cut_off = False
        self.open: set[socket.socket] = set()

    def process_request(self, request, client_address):
        if self.is_cut_off:
            self.shutdown_request(request)
            return
        self.open.add(request)
        self.pool.submit(self.process_request_thread, request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def _close_connections(self):
        """Those to the database are for the next browser, as in the product's own processes."""

    def server_close(self):
        super().server_close()
        self.pool.shutdown(wait=False, cancel_futures=True)


def serve_from_memory(handler: StaticFilesHandler, request) -> HttpResponse:
    """As long as the product's names of files allow: a browser asks once for a file, not once for each page."""
    if request.path not in STATIC:
        file = finders.find(handler.file_path(request.path))
        if not file:
            raise Http404(request.path)
        STATIC[request.path] = Path(file).read_bytes(), mimetypes.guess_type(file)[0]
    content, kind = STATIC[request.path]
    headers = {"Content-Length": len(content), "Cache-Control": "max-age=3600, immutable"}
    return HttpResponse(content, content_type=kind, headers=headers)


@contextmanager
def without_network(live_server, *contexts) -> Iterator[None]:
    """Browsers that are told that they are offline, and a server that nobody reaches: a service worker that starts in
    the meantime may send a request before it is told.
    """
    server = live_server.thread.httpd
    server.is_cut_off = True
    for connection in list(server.open):
        with suppress(OSError):  # ended by the browser
            connection.shutdown(socket.SHUT_RDWR)
    for context in contexts:
        context.set_offline(True)
    try:
        yield
    finally:
        server.is_cut_off = False
        for context in contexts:
            context.set_offline(False)


@contextmanager
def lean_live_server() -> Iterator[None]:
    """For servers that pytest-django starts in this block."""
    with (
        mock.patch.object(StaticFilesHandler, "serve", serve_from_memory),
        mock.patch.object(LiveServerThread, "server_class", LastingThreads),
    ):
        yield
