import fcntl
import hashlib
import socket

import pytest

from tests.weights.server import served
from uvis_core.io.errors import UserError
from uvis_core.weights.download import CHUNK_BYTES, fetch_file

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site():
    with served(CONTENT) as site:
        yield site


def fetch(site, path, **keywords):
    return fetch_file(site.address, path, wait_s=0.0, **{"attempts": 1} | keywords)


def only(path):
    """Whether the file lies alone in its folder: nothing half is left beside it."""
    return [item.name for item in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("sha256", [None, SHA256, SHA256[:8]])
def test_a_file_comes_whole(site, tmp_path, sha256):
    path = tmp_path / "weights" / "model.pth"
    assert fetch(site, path, sha256=sha256) == SHA256
    assert path.read_bytes() == CONTENT
    assert only(path)


def test_what_is_there_is_not_fetched_again(site, tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes(CONTENT)
    assert fetch(site, path, sha256=SHA256) == SHA256
    assert site.ranges == []


def test_another_file_of_that_name_is_refused_and_kept(site, tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes(b"something else")
    with pytest.raises(UserError, match="is not the published file") as caught:
        fetch(site, path, sha256=SHA256)
    assert site.address in caught.value.fix
    assert path.read_bytes() == b"something else"


def test_a_broken_connection_is_taken_up_where_it_broke(site, tmp_path):
    site.cuts = [100_000, 200_000]
    path = tmp_path / "model.pth"
    assert fetch(site, path, attempts=3) == SHA256
    assert site.ranges == [None, f"bytes={CHUNK_BYTES}-", f"bytes={4 * CHUNK_BYTES}-"]
    assert only(path)


def test_the_next_run_goes_on_and_nothing_half_is_taken_for_whole(site, tmp_path):
    site.cuts = [100_000]
    path = tmp_path / "model.pth"
    with pytest.raises(UserError, match=r"65,536 bytes are kept in model\.pth\.part") as caught:
        fetch(site, path)
    assert site.address in caught.value.message
    assert str(path) in caught.value.fix
    assert not path.exists()
    assert fetch(site, path) == SHA256
    assert site.ranges == [None, f"bytes={CHUNK_BYTES}-"]


@pytest.mark.parametrize("etag", ['"two"', ""])
def test_parts_of_two_versions_are_never_joined(site, tmp_path, etag):
    site.cuts, site.etag = [100_000], etag and '"one"'
    path = tmp_path / "model.pth"
    with pytest.raises(UserError):
        fetch(site, path)
    site.etag = etag
    assert fetch(site, path) == SHA256
    assert path.read_bytes() == CONTENT


def test_a_part_longer_than_the_file_starts_anew(site, tmp_path):
    site.cuts = [100_000]
    path = tmp_path / "model.pth"
    with pytest.raises(UserError):
        fetch(site, path)
    with (tmp_path / "model.pth.part").open("ab") as stream:
        stream.write(CONTENT)
    assert fetch(site, path, attempts=2) == SHA256


@pytest.mark.parametrize("address", ["file", "moved"])
def test_a_wrong_hash_is_refused_and_removed(site, tmp_path, address):
    site.linked_hash = "0" * 64
    site.address = site.address.replace("file", address)
    path = tmp_path / "model.pth"
    with pytest.raises(UserError, match=f"{SHA256}, expected 000000") as caught:
        fetch(site, path, sha256="0" * 8 if address == "file" else None)
    assert site.address in caught.value.message
    assert list(tmp_path.iterdir()) == []


def test_the_hash_that_a_redirection_names_is_checked(site, tmp_path):
    site.linked_hash = SHA256
    site.address = site.address.replace("file", "moved")
    assert fetch(site, tmp_path / "model.pth") == SHA256


def test_a_missing_file_is_not_asked_for_twice(site, tmp_path):
    site.address = site.address.replace("file", "gone")
    with pytest.raises(UserError, match="answers 404") as caught:
        fetch(site, tmp_path / "model.pth", attempts=3)
    assert site.address in caught.value.message
    assert "model.pth" in caught.value.fix
    assert len(site.ranges) == 1
    assert not (tmp_path / "model.pth").exists()


def test_a_server_that_falters_is_asked_again(site, tmp_path):
    site.status = [503, 429]
    assert fetch(site, tmp_path / "model.pth", attempts=3) == SHA256


def test_no_network(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/model.pth"
    with pytest.raises(UserError, match="could not be fetched") as caught:
        fetch_file(address, tmp_path / "model.pth", attempts=2, wait_s=0)
    assert address in caught.value.message
    assert "another machine" in caught.value.fix


def test_two_processes_do_not_write_one_part(site, tmp_path):
    with (tmp_path / "model.pth.part").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another process"):
            fetch(site, tmp_path / "model.pth")


def test_a_folder_that_cannot_be_written(site, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        fetch(site, tmp_path / "file" / "model.pth")
