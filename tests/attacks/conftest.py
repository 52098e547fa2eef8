import socket

import pytest

from core.cache import SharedCache


@pytest.fixture
def closed_port():
    """A port of 127.0.0.1 on which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield port
    SharedCache.away_until = 0.0  # Redis is there for the next test
