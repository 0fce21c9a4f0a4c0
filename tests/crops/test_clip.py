import json

import open_clip
import pytest
import torch

from uvis_core.crops.clip import build_clip, encode_images, encode_texts, load_clip
from uvis_core.io.errors import UserError
from uvis_core.io.weights import read_state_dict, write_state_dict


def test_local_model(tiny_settings):
    clip = load_clip(tiny_settings)
    assert clip.fill_rgb == (123, 117, 104)
    assert clip.tokenizer(["a photo of star"]).shape == (1, 12)
    state = read_state_dict(tiny_settings.weights)
    assert all(torch.equal(tensor, state[name]) for name, tensor in clip.model.state_dict().items())
    embeddings = encode_images(clip, torch.zeros(2, 3, 16, 16))
    torch.testing.assert_close(embeddings.norm(dim=1), torch.ones(2))


def test_torch_checkpoints_of_open_clips_training(tiny_settings, tmp_path):
    state = {f"module.{name}": tensor for name, tensor in read_state_dict(tiny_settings.weights).items()}
    torch.save({"epoch": 3, "state_dict": state}, tmp_path / "epoch_3.pt")
    clip = load_clip(tiny_settings.model_copy(update={"weights": str(tmp_path / "epoch_3.pt")}))
    assert torch.equal(clip.model.visual.proj, state["module.visual.proj"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("visual.proj"), "1 missing: visual.proj"),
        (lambda state: state.update(extra=torch.zeros(1)), "1 unexpected: extra"),
        (
            lambda state: state.update({"visual.proj": torch.zeros(16, 9)}),
            "visual.proj (16, 9) instead of (16, 8)",
        ),
        # open_clip itself would resample these without a word.
        (
            lambda state: state.update({"visual.positional_embedding": torch.zeros(10, 16)}),
            "visual.positional_embedding (10, 16) instead of (5, 16)",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(tiny_settings, tmp_path, change, message):
    state = read_state_dict(tiny_settings.weights)
    change(state)
    write_state_dict(tmp_path / "other.safetensors", state)
    with pytest.raises(UserError) as error:
        load_clip(tiny_settings.model_copy(update={"weights": str(tmp_path / "other.safetensors")}))
    assert message in str(error.value)


def test_published_name_with_a_file(tiny_settings, tmp_path):
    clip = build_clip("RN50")
    write_state_dict(tmp_path / "RN50.safetensors", clip.model.state_dict())
    values = {"model": "RN50", "weights": str(tmp_path / "RN50.safetensors")}
    loaded = load_clip(tiny_settings.model_copy(update=values))
    assert torch.equal(loaded.model.visual.conv1.weight, clip.model.visual.conv1.weight)


@pytest.mark.parametrize(
    ("values", "message", "fix"),
    [
        ({"model": "ViT-B-33", "weights": "x.pt"}, "ViT-B-33", "ViT-B-32"),
        ({"model": "RN50", "weights": "no_such_tag"}, "no_such_tag", "yfcc15m"),
        ({"model": "RN50", "weights": "openai"}, "another activation", "RN50-quickgelu"),
        ({"weights": "missing.safetensors"}, "missing.safetensors", "check the path"),
    ],
)
def test_unknown_names(tiny_settings, values, message, fix):
    with pytest.raises(UserError) as error:
        load_clip(tiny_settings.model_copy(update=values))
    assert message in error.value.message
    assert fix in error.value.fix


def test_incomplete_configuration(tmp_path):
    (tmp_path / "half.json").write_text(json.dumps({"embed_dim": 3, "text_cfg": {}}))
    with pytest.raises(UserError, match="lacks vision_cfg"):
        build_clip(str(tmp_path / "half.json"))


def test_preparation_follows_the_tag(tiny_settings, monkeypatch):
    monkeypatch.setattr(
        open_clip, "get_pretrained_cfg", lambda name, tag: {"mean": (0.5, 0.5, 0.5), "url": ""}
    )
    assert build_clip(tiny_settings.model, "some_tag").fill_rgb == (128, 128, 128)


def test_half_precision_is_half_the_memory_and_nearly_the_same(tiny_settings):
    half = load_clip(tiny_settings.model_copy(update={"precision": "bf16"}))
    full = load_clip(tiny_settings)
    dtypes = {name: parameter.dtype for name, parameter in half.model.named_parameters()}
    exact = [name for name in dtypes if ".ln_" in name or name.startswith(("ln_", "logit_"))]
    assert len(exact) > 5
    assert {dtypes[name] for name in exact} == {torch.float32}
    assert {dtypes[name] for name in dtypes if name not in exact} == {torch.bfloat16}
    assert torch.equal(half.model.logit_scale, full.model.logit_scale)
    assert torch.get_default_dtype() == torch.float32
    images = torch.rand(3, 3, 16, 16)
    tokens = full.tokenizer(["a star", "a ring", "a cross of wood"])
    with torch.inference_mode():
        for encode, inputs in ((encode_images, images), (encode_texts, tokens)):
            expected = encode(full, inputs)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = encode(half, inputs)
            assert found.dtype == torch.float32
            assert (found * expected).sum(dim=1).min() > 0.999
