"""A real OpenID Connect provider on a port of 127.0.0.1, whose ID tokens a test may change before they are sent."""

import json
import threading
from collections.abc import Callable
from contextlib import contextmanager

import flask
import oidc_provider_mock
from joserfc import jwt
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response


class QuietHandler(WSGIRequestHandler):
    def log(self, *args) -> None:
        pass


class Provider:
    """`claims` of the person; `forge(header, claims, key)` → the ID token in place of the provider's own."""

    def __init__(self) -> None:
        self.app = oidc_provider_mock.app(require_nonce=False)
        self.forge: Callable | None = None
        self.with_token = True
        self.issuer = ""
        self.requests: list[str] = []
        self.key = None

        @self.app.before_request
        def keep_key() -> None:
            self.key = flask.g.oidc_provider_mock_storage.jwk

    def __call__(self, environ, start_response):
        self.requests.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] != "/oauth2/token":
            return self.app(environ, start_response)
        response = Response.from_app(self.app, environ)
        body = json.loads(response.get_data())
        if "id_token" in body and self.forge:
            token = jwt.decode(body["id_token"], self.key)
            body["id_token"] = self.forge(dict(token.header), dict(token.claims), self.key)
        if not self.with_token:
            body.pop("id_token", None)
        response.set_data(json.dumps(body))
        return response(environ, start_response)


def change_claims(**changes) -> Callable:
    """Signed by the provider, with other claims; None removes one."""

    def forge(header: dict, claims: dict, key) -> str:
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(header, claims, key)

    return forge


@contextmanager
def run_provider():
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider, threaded=True, request_handler=QuietHandler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
