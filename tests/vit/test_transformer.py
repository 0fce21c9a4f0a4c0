import pytest
import torch

from uvis_core.io.errors import UserError
from uvis_core.io.weights import write_state_dict
from uvis_core.vit.transformer import build_vit, class_features, load_vit, patch_features

CPU = torch.device("cpu")
TINY = "test_vit"  # patches of 16 pixels, 64 channels


@pytest.fixture(scope="module")
def tiny():
    torch.manual_seed(0)
    return build_vit(TINY)


def noise(height, width, count=2):
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize("kind", ["tokens", "keys"])
def test_features_of_any_size_are_unit_vectors(tiny, kind):
    features = patch_features(tiny, noise(48, 80), kind, "fp32")
    assert features.shape == (2, 3, 5, 64)
    torch.testing.assert_close(features.norm(dim=-1), torch.ones(2, 3, 5))


def test_tokens_and_keys_are_what_the_model_computes(tiny):
    images, projected = noise(32, 48, 1), []
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (tiny.mean, tiny.std))
    hook = tiny.model.blocks[-1].attn.qkv.register_forward_hook(lambda *call: projected.append(call[2]))
    with torch.inference_mode():
        tokens = tiny.model.forward_features((images.float() / 255 - mean) / std)[:, 1:]
    hook.remove()
    for kind, expected in (("tokens", tokens), ("keys", projected[0][:, 1:, 64:128])):
        found = patch_features(tiny, images, kind, "fp32").reshape(1, 6, 64)
        torch.testing.assert_close(found, torch.nn.functional.normalize(expected, dim=-1))


def test_keys_need_nothing_behind_them(tiny):
    called = []
    hook = tiny.model.blocks[-1].mlp.register_forward_hook(lambda *_: called.append(True))
    patch_features(tiny, noise(32, 32, 1), "keys", "fp32")
    assert not called
    patch_features(tiny, noise(32, 32, 1), "tokens", "fp32")
    hook.remove()
    assert called


def test_class_features_are_unit_vectors(tiny):
    features = class_features(tiny, torch.rand(3, 3, 32, 32))
    torch.testing.assert_close(features.norm(dim=-1), torch.ones(3))


def test_files_load_strictly_and_half_precision_is_fine(tiny, tmp_path):
    state = {name: value.half() for name, value in tiny.model.state_dict().items()}
    # What DINOv2's own file carries for its training.
    write_state_dict(tmp_path / "vit.safetensors", {**state, "mask_token": torch.zeros(1, 64)})
    loaded = load_vit(TINY, tmp_path / "vit.safetensors", CPU)
    images = noise(32, 48)
    torch.testing.assert_close(
        patch_features(loaded, images, "tokens", "fp32"),
        patch_features(tiny, images, "tokens", "fp32"),
        atol=0.02,
        rtol=0,
    )
    del state["blocks.0.norm1.weight"]
    write_state_dict(tmp_path / "cut.safetensors", state)
    with pytest.raises(UserError, match=r"cut\.safetensors.*blocks\.0\.norm1\.weight"):
        load_vit(TINY, tmp_path / "cut.safetensors", CPU)


def test_unknown_and_unfit_models_are_refused():
    with pytest.raises(UserError, match="timm knows no model 'vit_smal_patch14_dinov2'") as error:
        build_vit("vit_smal_patch14_dinov2")
    assert "vit_small_patch14_dinov2" in error.value.fix
    with pytest.raises(UserError, match="resnet18"):
        build_vit("resnet18")


def test_public_weights_load(shared):
    path = shared / "real" / "weights" / "dinov2_vits14.safetensors"
    if not path.is_file():
        pytest.skip(f"published weights not found at {path}")
    vit = load_vit("vit_small_patch14_dinov2", path, CPU)
    assert (vit.patch_px, vit.width) == (14, 384)
