"""Reports of errors to a server with Sentry's protocol (Sentry, GlitchTip), if SENTRY_DSN names one.

A report holds what went wrong and where in the code, the route, and the ids of request and task. All else that the SDK
collects is left out here: user, cookies, headers, bodies, query strings, arguments, local variables, breadcrumbs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk", "transaction")


def start_error_reports(dsn: str, *, release: str, environment: str) -> None:
    """The SDK is imported here: without a DSN it costs nothing."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        auto_session_tracking=False,
        send_client_reports=False,
        server_name="",
        _experiments=cast(Any, {"transport_compression_algo": "gzip"}),  # not every server reads Brotli
        before_send=scrubbed,
    )


def scrubbed(event: "Event", _hint: "Hint") -> "Event":
    """A new event of what may leave the house."""
    from core.log_redaction import redacted
    from core.request_ids import current_ids

    facts = cast(dict[str, Any], event)
    kept = {key: facts[key] for key in KEPT if facts.get(key)}
    if "transaction" in kept:
        kept["transaction"] = redacted(str(kept["transaction"]))
    kept["tags"] = {name: value for name, value in vars(current_ids()).items() if value}
    if method := (facts.get("request") or {}).get("method"):
        kept["request"] = {"method": method}
    if entry := facts.get("logentry"):
        message = entry.get("formatted") or entry.get("message") or ""
        kept["logentry"] = {"message": redacted(str(message))}
    if exceptions := facts.get("exception"):
        kept["exception"] = {"values": [_exception(value, redacted) for value in exceptions.get("values", ())]}
    return cast("Event", kept)


def _exception(value: dict[str, Any], redacted: Callable[[str], str]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    kept = {key: value[key] for key in ("type", "module", "mechanism") if value.get(key)}
    kept.get("mechanism", {}).pop("data", None)
    return kept | {
        "value": redacted(str(value.get("value") or "")),
        "stacktrace": {"frames": [{key: item for key, item in frame.items() if key != "vars"} for frame in frames]},
    }
