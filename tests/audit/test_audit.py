import pytest

from audit.origin import current_origin, origin
from core.client_address import client_address


def test_origin_applies_inside_its_context():
    with origin("命令"):
        assert current_origin().kind == "命令"
        with origin("任务", "203.0.113.7"):
            assert current_origin().ip == "203.0.113.7"
        assert current_origin().kind == "命令"
    assert current_origin().kind == ""


@pytest.mark.parametrize(
    ("behind", "headers", "address"),
    [
        (False, {"REMOTE_ADDR": "198.51.100.9"}, "198.51.100.9"),
        (False, {"REMOTE_ADDR": "198.51.100.9", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}, "198.51.100.9"),
        (True, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.7"}, "203.0.113.7"),
        (True, {"REMOTE_ADDR": "10.0.0.1"}, "10.0.0.1"),
        (True, {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "nonsense"}, None),
        (False, {"REMOTE_ADDR": ""}, None),
        (False, {"REMOTE_ADDR": "2001:db8::1"}, "2001:db8::1"),
    ],
)
def test_forwarded_address_is_used_only_behind_a_proxy(rf, settings, behind, headers, address):
    settings.BEHIND_TLS_PROXY = behind
    assert client_address(rf.get("/", **headers)) == address
