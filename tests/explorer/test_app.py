from collections.abc import Iterator

import pytest

from tests.explorer.made import write_run
from tests.explorer.served import Explorer

PAGES = ("/", "/pictures/train/crops/0.jpg", "/pictures/train/videos/0/0.jpg")
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


@pytest.fixture(scope="module")
def explorer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explorer]:
    explorer = Explorer(write_run(tmp_path_factory.mktemp("served")))
    yield explorer
    explorer.kill()


def test_no_other_host_name_is_answered(explorer: Explorer) -> None:
    for host in (f"127.0.0.1:{explorer.port}", f"localhost:{explorer.port}"):
        assert [explorer.status(page, host) for page in PAGES] == [200, 200, 200]
        assert explorer.status(SOCKET, host, **HANDSHAKE) == 101
    for host in ("rebound.example", f"rebound.example:{explorer.port}", "127.0.0.1.rebound.example", ""):
        assert [explorer.status(page, host) for page in PAGES] == [400, 400, 400], host
        assert explorer.status(SOCKET, host, **HANDSHAKE) in (400, 403), host
