import fcntl
import hashlib
import resource
import socket

import pytest

from tests.weights.server import served
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import UserError
from uvis_core.weights.download import CHUNK_BYTES, fetch_file
from uvis_core.weights.pins import pin_file

CONTENT = bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site():
    with served(CONTENT) as site:
        yield site


def fetch(site, path, **keywords):
    return fetch_file(site.address, path, wait_s=0.0, **{"attempts": 1} | keywords)


def only(path):
    """Whether the file and its pin lie alone in their folder: nothing half is left beside them."""
    return {item.name for item in path.parent.iterdir()} == {path.name, f"{path.name}.pin.json"}


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


def left_whole(path, notes):
    """The part of a run that ended between its last byte and the move into place."""
    (path.parent / "model.pth.part").write_bytes(CONTENT)
    write_json(path.parent / "model.pth.part.json", notes)


@pytest.mark.parametrize("sha256", [None, SHA256])
def test_a_whole_part_is_finished_without_asking(site, tmp_path, sha256):
    path = tmp_path / "model.pth"
    left_whole(path, {"mark": '"one"', "bytes": len(CONTENT), "sha256": sha256})
    assert fetch(site, path) == SHA256
    assert site.ranges == []
    assert path.read_bytes() == CONTENT
    assert only(path)


def test_a_whole_part_is_checked_against_what_the_server_told(site, tmp_path):
    path = tmp_path / "model.pth"
    left_whole(path, {"mark": '"one"', "bytes": len(CONTENT), "sha256": "0" * 64})
    with pytest.raises(UserError, match=f"{SHA256}, expected 000000"):
        fetch(site, path)
    assert list(tmp_path.iterdir()) == []


def test_a_whole_part_of_unknown_size_is_asked_for_but_not_fetched(site, tmp_path):
    path = tmp_path / "model.pth"
    left_whole(path, {"mark": '"one"', "bytes": None, "sha256": None})
    assert fetch(site, path) == SHA256
    assert site.ranges == [f"bytes={len(CONTENT)}-"]
    assert only(path)


def test_a_refusal_that_names_no_size_starts_anew(site, tmp_path):
    site.tells_size = False
    path = tmp_path / "model.pth"
    left_whole(path, {"mark": '"one"', "bytes": None, "sha256": None})
    assert fetch(site, path, attempts=2) == SHA256
    assert site.ranges == [f"bytes={len(CONTENT)}-", None]


def test_a_size_of_another_version_does_not_make_a_part_whole(site, tmp_path):
    path = tmp_path / "model.pth"
    left_whole(path, {"mark": '"two"', "bytes": None, "sha256": None})
    (tmp_path / "model.pth.part").write_bytes(b"x" * len(CONTENT))
    assert fetch(site, path) == SHA256
    assert path.read_bytes() == CONTENT


def test_another_content_than_at_first_is_refused_until_the_pin_is_gone(site, tmp_path):
    path = tmp_path / "model.pth"
    fetch(site, path)
    path.unlink()
    site.content, site.etag = b"another", '"two"'
    another = hashlib.sha256(b"another").hexdigest()
    with pytest.raises(UserError, match=f"{another}, pinned is {SHA256}") as caught:
        fetch(site, path)
    assert str(path) in caught.value.message
    assert str(pin_file(path)) in caught.value.fix
    assert list(tmp_path.iterdir()) == [pin_file(path)]
    pin_file(path).unlink()
    assert fetch(site, path) == another


def test_a_token_is_told_to_the_server_that_was_asked(site, tmp_path):
    fetch(site, tmp_path / "model.pth", headers={"Authorization": "Bearer word"})
    assert site.authorizations == ["Bearer word"]


def test_a_token_is_not_told_to_a_server_that_is_led_to(site, tmp_path):
    address = site.address.replace("/file", "/another-host")
    fetch_file(address, tmp_path / "model.pth", headers={"Authorization": "Bearer word"})
    assert site.authorizations == ["Bearer word", None]


def test_what_is_not_https_is_refused_before_it_is_asked(site, tmp_path):
    site.address = site.address.replace("file", "insecure")
    with pytest.raises(UserError, match=r"http://elsewhere\.invalid/file is not HTTPS"):
        fetch(site, tmp_path / "model.pth")
    with pytest.raises(UserError, match="is not HTTPS"):
        fetch_file("http://127.0.0.1@elsewhere.invalid/file", tmp_path / "model.pth", attempts=1)


def test_a_full_disk_is_named_and_what_came_is_kept(site, tmp_path):
    path = tmp_path / "model.pth"
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * CHUNK_BYTES, limit[1]))
    try:
        with pytest.raises(UserError, match="cannot be written") as caught:
            fetch(site, path, sha256=SHA256)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert "free some space" in caught.value.fix
    assert len(site.ranges) == 1
    assert not path.exists()
    assert fetch(site, path, sha256=SHA256) == SHA256
    assert site.ranges[1] == f"bytes={2 * CHUNK_BYTES}-"


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
