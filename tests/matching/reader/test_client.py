"""One request to a server, and every way in which it can go wrong."""

import json
import logging

import pytest

from matching.reader import client as client_module
from matching.reader.client import ChatClient
from matching.reader.errors import Fault, ReaderError
from matching.reader.questions import Question, achievement_text, need_text

QUESTION = Question(need_text("需求", "甲乙丙丁"), (achievement_text("成果", "子丑寅卯"),))


def client(model, **options) -> ChatClient:
    return ChatClient(model.url, "played-72b", **{"key": "sk-secret", "timeout": 5.0} | options)


def test_request_and_reply(model):
    reply = client(model).answer(QUESTION)
    assert json.loads(reply.content)["achievements"][0]["id"] == "A1"
    assert (reply.prompt_tokens, reply.completion_tokens) == (1000, 200) and reply.seconds > 0
    [request] = model.requests
    assert model.paths == ["/v1/chat/completions"] and model.headers[0]["Authorization"] == "Bearer sk-secret"
    assert (request["model"], request["temperature"], request["stream"]) == ("played-72b", 0, False)
    assert request["messages"] == QUESTION.messages
    wanted = request["response_format"]
    assert wanted["type"] == "json_schema" and wanted["json_schema"]["strict"] is True
    assert wanted["json_schema"]["schema"]["required"] == ["achievements"]


@pytest.mark.parametrize(
    ("suffix", "path"), [("", ""), ("/", ""), ("/v1", ""), ("/v1/", ""), ("/models/qwen", "/models/qwen")]
)
def test_address_with_or_without_version(model, suffix, path):
    ChatClient(model.url + suffix, "m").answer(QUESTION)
    assert model.paths == [f"{path}/v1/chat/completions"]
    assert "Authorization" not in model.headers[0]


@pytest.mark.parametrize(
    ("code", "fault"),
    [(500, Fault.BUSY), (503, Fault.BUSY), (429, Fault.BUSY), (400, Fault.REJECTED), (413, Fault.REJECTED),
     (401, Fault.REFUSED), (404, Fault.REFUSED), (302, Fault.REFUSED)],
)  # fmt: skip
def test_status(model, code, fault):
    model.respond = model.status(code, Location="http://127.0.0.1:1/")
    with pytest.raises(ReaderError) as error:
        client(model).answer(QUESTION)
    assert (error.value.fault, error.value.status) == (fault, code)
    assert "secret" not in str(error.value) and len(model.requests) == 1


def test_seconds_to_wait_are_read_and_limited(model):
    waits = []
    for header in ("7", "99999", "Wed, 21 Oct 2026 07:28:00 GMT"):
        model.respond = model.status(429, Retry_After=header)
        with pytest.raises(ReaderError) as error:
            client(model).answer(QUESTION)
        waits.append(error.value.wait)
    assert waits == [7, 60, 0]


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff\xfe", b"<html>", b"null", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"message": null}]}',
     b'{"choices": [{"message": {"content": null}}]}', b'{"choices": [{"message": {"content": [1]}}]}', b"[" * 50_000],
)  # fmt: skip
def test_answer_that_is_no_completion(model, raw):
    model.respond = model.garbage(raw)
    with pytest.raises(ReaderError) as error:
        client(model).answer(QUESTION)
    assert error.value.fault == Fault.NO_COMPLETION


@pytest.mark.parametrize("usage", [None, 3, {"prompt_tokens": "many", "completion_tokens": -1}])
def test_tokens_that_are_not_counted(model, usage):
    body = {"choices": [{"message": {"content": "{}"}}], "usage": usage}
    model.respond = lambda handler, request: handler.send(200, body)
    reply = client(model).answer(QUESTION)
    assert (reply.prompt_tokens, reply.completion_tokens) == (0, 0)


def test_answer_without_end_is_refused(model, monkeypatch):
    monkeypatch.setattr(client_module, "MAX_ANSWER", 1000)
    model.respond = model.garbage(b" " * 2000)
    with pytest.raises(ReaderError) as error:
        client(model).answer(QUESTION)
    assert error.value.fault == Fault.NO_COMPLETION


@pytest.mark.parametrize("way", ["hanging", "dripping"])
def test_slow_answer_ends_after_the_timeout(model, way):
    """Also if the server keeps sending single bytes, which renew the timeout of each read."""
    model.respond = getattr(model, way)()
    with pytest.raises(ReaderError) as error:
        client(model, timeout=0.3).answer(QUESTION)
    assert error.value.fault == Fault.TIMEOUT and not error.value.may_ask_again


def test_connection_that_is_closed_or_refused(model):
    model.respond = model.closing()
    with pytest.raises(ReaderError) as error:
        client(model).answer(QUESTION)
    assert error.value.fault == Fault.UNREACHABLE and error.value.may_ask_again
    with pytest.raises(ReaderError) as error:
        ChatClient("http://127.0.0.1:9", "m").answer(QUESTION)
    assert error.value.fault == Fault.UNREACHABLE


def test_answer_shorter_than_announced(model):
    def short(handler, request):
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"choices": [')
        handler.wfile.flush()
        handler.hang_up()

    model.respond = short
    with pytest.raises(ReaderError) as error:
        client(model).answer(QUESTION)
    assert error.value.fault == Fault.UNREACHABLE


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8000", "ftp://host", "file:///etc/passwd", "http://", "http://user:pass@host", "http://host?x=1",
     "http://host:99999"],
)  # fmt: skip
def test_address_that_cannot_be_used(url):
    with pytest.raises(ValueError, match=r".") as error:
        ChatClient(url, "m")
    assert "pass@" not in str(error.value)


@pytest.mark.parametrize("key", ["sk\nX-Evil: 1", "密钥", "sk\x00"])
def test_key_that_no_header_can_carry_is_refused_without_repeating_it(key):
    with pytest.raises(ValueError, match="key of the reader") as error:
        ChatClient("http://host", "m", key)
    assert key not in str(error.value)


def test_key_stands_in_no_representation_and_no_log(model, caplog):
    caplog.set_level(logging.DEBUG)
    model.respond = model.status(401)
    asking = client(model)
    with pytest.raises(ReaderError) as error:
        asking.answer(QUESTION)
    assert "sk-secret" not in f"{asking!r}{error.value!r}{caplog.text}"
