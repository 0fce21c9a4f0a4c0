import hashlib
from functools import partial

import huggingface_hub
import pytest

from tests.weights.server import served
from uvis_core.crops import fetch
from uvis_core.crops.fetch import fetch_tag, hub_address
from uvis_core.io.atomic import read_json
from uvis_core.io.errors import UserError

CONTENT = b"tensors" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SAFE, PLAIN = "open_clip_model.safetensors", "open_clip_pytorch_model.bin"


@pytest.fixture
def hub(monkeypatch):
    """A Hugging Face hub on this machine, which the library asks in place of the real one."""
    with served(CONTENT) as site:
        endpoint = site.address.removesuffix("/file")
        monkeypatch.setattr(fetch, "file_exists", huggingface_hub.HfApi(endpoint=endpoint).file_exists)
        monkeypatch.setattr(fetch, "hf_hub_url", partial(huggingface_hub.hf_hub_url, endpoint=endpoint))
        yield site


@pytest.mark.parametrize(
    ("published", "held", "file"),
    [
        ("laion/one/", {SAFE, PLAIN}, SAFE),
        ("laion/one/", {PLAIN}, PLAIN),
        (
            "laion/one/pytorch_model.bin",
            {"pytorch_model.safetensors", "pytorch_model.bin"},
            "pytorch_model.safetensors",
        ),
        ("laion/one/pytorch_model.bin", {"pytorch_model.bin"}, "pytorch_model.bin"),
    ],
)
def test_safetensors_come_first(hub, published, held, file):
    hub.hub = frozenset(held)
    assert hub_address(published).endswith(f"/laion/one/resolve/main/{file}")


def test_what_the_hub_does_not_have(hub):
    with pytest.raises(UserError, match=f"laion/one: .* neither {SAFE} nor {PLAIN}"):
        hub_address("laion/one/")


def test_a_faltering_hub_does_not_choose_the_file(hub):
    hub.hub, hub.status = frozenset({SAFE, PLAIN}), [500]
    with pytest.raises(UserError, match="could not be asked for laion/one"):
        hub_address("laion/one/")


def test_no_network(hub, monkeypatch):
    api = huggingface_hub.HfApi(endpoint="http://127.0.0.1:1")
    monkeypatch.setattr(fetch, "file_exists", api.file_exists)
    with pytest.raises(UserError, match="could not be asked") as caught:
        hub_address("laion/one/")
    assert "check the network" in caught.value.fix


def test_a_tag_is_one_file_with_its_record(hub, tmp_path):
    hub.hub = frozenset({SAFE})
    path = tmp_path / "open_clip/ViT-B-32/laion2b_s34b_b79k.weights"
    fetch_tag("ViT-B-32", "laion2b_s34b_b79k", path)
    assert path.read_bytes() == CONTENT
    record = read_json(path.with_name(f"{path.name}.json"))
    assert record["sha256"] == SHA256
    assert record["bytes"] == len(CONTENT)
    assert record["name"] == "ViT-B-32 laion2b_s34b_b79k"
    assert record["address"] == hub_address(fetch.published_entry("ViT-B-32", "laion2b_s34b_b79k")["hf_hub"])
    path.unlink()
    hub.content = b"another"
    with pytest.raises(UserError, match=f"pinned is {SHA256}"):
        fetch_tag("ViT-B-32", "laion2b_s34b_b79k", path)


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (OSError(28, "No space left on device"), "free some space"),
        (OSError("cannot connect"), "check the network"),
    ],
)
def test_a_tokenizer_that_cannot_be_had(hub, tmp_path, monkeypatch, error, fix):
    hub.hub = frozenset({SAFE})

    def fail(_model):
        raise error

    monkeypatch.setattr(fetch.open_clip, "get_tokenizer", fail)
    with pytest.raises(UserError, match="the tokenizer of 'ViT-B-32'") as caught:
        fetch_tag("ViT-B-32", "laion2b_s34b_b79k", tmp_path / "one.weights")
    assert fix in caught.value.fix
