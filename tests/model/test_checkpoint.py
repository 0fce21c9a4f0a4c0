import json

import pytest
import torch
import torchvision
from safetensors.torch import load_file, save_file
from transformers import Mask2FormerForUniversalSegmentation

from tests.model.tiny import TINY, tiny_model
from uvis_core.config.model import ModelSettings
from uvis_core.io.errors import UserError
from uvis_core.model.checkpoint import (
    load_backbone,
    load_checkpoint,
    load_initial,
    save_checkpoint,
    shared_class_head,
)
from uvis_core.model.minvis import MinVIS


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.safetensors"
    save_checkpoint(tiny_model((3, 9)), path)
    return path


def same(first: MinVIS, second: MinVIS) -> bool:
    other = second.network.state_dict()
    return all(torch.equal(value, other[name]) for name, value in first.network.state_dict().items())


def test_comes_back_as_it_was(saved):
    model = load_checkpoint(saved)
    assert model.class_ids == (3, 9)
    assert model.settings == TINY
    assert not model.training
    assert same(model, tiny_model((3, 9)))


def test_equal_models_give_equal_bytes(saved, tmp_path):
    again = tmp_path / "again" / "model.safetensors"
    save_checkpoint(tiny_model((3, 9)), again)
    assert again.read_bytes() == saved.read_bytes()
    assert again.with_name("config.json").read_bytes() == saved.with_name("config.json").read_bytes()


def test_opens_with_transformers(saved):
    network, report = Mask2FormerForUniversalSegmentation.from_pretrained(
        saved.parent, output_loading_info=True
    )
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert torch.equal(network.class_predictor.weight, tiny_model((3, 9)).network.class_predictor.weight)


def damaged(state, fault):
    name = "class_predictor.bias"
    if fault == "removed":
        del state[name]
    elif fault == "renamed":
        state["class_predictor.offset"] = state.pop(name)
    else:
        state[name] = state[name][:-1]
    return name


@pytest.mark.parametrize("fault", ["removed", "renamed", "reshaped"])
def test_tensor_that_does_not_fit_is_named(saved, fault):
    state = load_file(saved)
    name = damaged(state, fault)
    save_file(state, saved)
    with pytest.raises(UserError, match=name) as caught:
        load_checkpoint(saved)
    if fault == "renamed":
        assert "class_predictor.offset" in str(caught.value)


def test_foreign_config_is_refused(saved):
    saved.with_name("config.json").write_text(json.dumps({"model_type": "mask2former"}))
    with pytest.raises(UserError, match=r"config\.json"):
        load_checkpoint(saved)


def test_initial_model_of_the_same_classes_keeps_its_head(saved):
    model = tiny_model((3, 9), seed=1)
    load_initial(model, saved)
    assert same(model, tiny_model((3, 9)))


def test_initial_model_of_other_classes_gets_a_new_head(saved):
    model = tiny_model((1, 2, 3), seed=1)
    head = model.network.class_predictor.weight.clone()
    load_initial(model, saved)
    assert torch.equal(model.network.class_predictor.weight, head)
    queries = model.network.model.transformer_module.queries_features.weight
    assert torch.equal(queries, tiny_model((3, 9)).network.model.transformer_module.queries_features.weight)


def test_initial_model_without_classes_shares_its_head(tmp_path):
    path = tmp_path / "model.safetensors"
    source = tiny_model((1,))
    save_checkpoint(source, path)
    model = tiny_model((4, 5, 6), seed=1)
    load_initial(model, path)
    frames = torch.randn((1, 3, 64, 64))
    before = source(frames).class_logits[-1].softmax(-1)
    after = model(frames).class_logits[-1].softmax(-1)
    torch.testing.assert_close(after[..., -1], before[..., -1])
    torch.testing.assert_close(after[..., 0], before[..., 0] / 3)


def test_shared_head_keeps_other_tensors():
    state = {
        "class_predictor.weight": torch.eye(2),
        "class_predictor.bias": torch.zeros(2),
        "x": torch.ones(1),
    }
    shared = shared_class_head(state, 2)
    assert shared["class_predictor.weight"].tolist() == [[1, 0], [1, 0], [0, 1]]
    assert shared["x"] is state["x"]


def test_initial_model_of_another_size_is_refused(saved):
    other = MinVIS(ModelSettings(**{**TINY.model_dump(), "queries": 6}), (3, 9))
    with pytest.raises(UserError, match="queries 5 instead of 6"):
        load_initial(other, saved)


@pytest.mark.parametrize(
    ("name", "layer_type", "hidden_sizes", "depths"),
    [
        ("resnet18", "basic", (64, 128, 256, 512), (2, 2, 2, 2)),
        ("resnet50", "bottleneck", (256, 512, 1024, 2048), (3, 4, 6, 3)),
    ],
)
def test_backbone_of_torchvision_computes_the_same(tmp_path, name, layer_type, hidden_sizes, depths):
    torch.manual_seed(0)
    original = getattr(torchvision.models, name)(weights=None).eval()
    path = tmp_path / "backbone.safetensors"
    save_file(original.state_dict(), path)
    sizes = {"embedding_size": 64, "hidden_sizes": hidden_sizes, "depths": depths, "layer_type": layer_type}
    model = MinVIS(ModelSettings(**{**TINY.model_dump(), **sizes}), (1,))
    load_backbone(model, path)
    frames = torch.randn((1, 3, 64, 64))
    with torch.no_grad():
        x = original.maxpool(original.relu(original.bn1(original.conv1(frames))))
        for stage, feature in enumerate(model.backbone(frames).feature_maps, start=1):
            x = getattr(original, f"layer{stage}")(x)
            torch.testing.assert_close(feature, x, rtol=1e-4, atol=1e-4)


def test_backbone_of_this_library_loads(tmp_path):
    source, model = tiny_model(), tiny_model(seed=1)
    path = tmp_path / "backbone.safetensors"
    save_file(source.backbone.state_dict(), path)
    load_backbone(model, path)
    for name, value in source.backbone.state_dict().items():
        assert torch.equal(model.backbone.state_dict()[name], value)


def test_backbone_of_another_size_is_refused(tmp_path):
    path = tmp_path / "backbone.safetensors"
    save_file({"conv1.weight": torch.zeros((64, 3, 7, 7))}, path)
    with pytest.raises(UserError, match=r"embedder\.embedder\.convolution\.weight"):
        load_backbone(tiny_model(), path)


def test_imagenet_backbone_loads(shared):
    settings = ModelSettings(
        **{
            **TINY.model_dump(),
            **ModelSettings().model_dump(include={"embedding_size", "hidden_sizes", "depths", "layer_type"}),
            "downsample_in_bottleneck": True,
        }
    )
    model = MinVIS(settings, (1,))
    load_backbone(model, shared / "real" / "weights" / "resnet50_imagenet.safetensors")
    assert model.backbone.embedder.embedder.convolution.weight.std() > 0.05
