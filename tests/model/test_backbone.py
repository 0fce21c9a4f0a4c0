import pickle

import numpy as np
import pytest
import torch
import torchvision
from detectron2.config import get_cfg
from detectron2.layers import ShapeSpec
from detectron2.modeling.backbone.resnet import build_resnet_backbone
from safetensors.torch import save_file

from tests.model.tiny import TINY, tiny_model
from uvis_core.config.model import ModelSettings
from uvis_core.io.errors import UserError
from uvis_core.io.images import PIXEL_MEAN
from uvis_core.model.backbone import load_backbone
from uvis_core.model.images import batch_images
from uvis_core.model.minvis import MinVIS

SLIM = {
    **TINY.model_dump(),
    "embedding_size": 8,
    "hidden_sizes": (16, 32, 64, 128),
    "depths": (3, 4, 6, 3),
    "layer_type": "bottleneck",
}
FEATURES = ["res2", "res3", "res4", "res5"]


def slim_model(stride_in_1x1):
    torch.manual_seed(9)
    return MinVIS(ModelSettings(**{**SLIM, "downsample_in_bottleneck": stride_in_1x1}), (1,))


def reference(stride_in_1x1):
    """A slim ResNet-50 as detectron2 builds it, with random weights and statistics."""
    cfg = get_cfg()
    cfg.MODEL.RESNETS.DEPTH = 50
    cfg.MODEL.RESNETS.STEM_OUT_CHANNELS = 8
    cfg.MODEL.RESNETS.RES2_OUT_CHANNELS = 16
    cfg.MODEL.RESNETS.WIDTH_PER_GROUP = 4
    cfg.MODEL.RESNETS.STRIDE_IN_1X1 = stride_in_1x1
    cfg.MODEL.RESNETS.OUT_FEATURES = FEATURES
    cfg.MODEL.RESNETS.NORM = "FrozenBN"
    network = build_resnet_backbone(cfg, ShapeSpec(channels=3)).eval()
    generator = torch.Generator().manual_seed(0)
    for name, value in network.state_dict().items():
        noise = torch.rand(value.shape, generator=generator)
        if "norm" in name:
            value.copy_(noise - 0.5 if name.endswith(("bias", "mean")) else noise + 0.5)
        elif "weight" in name:
            value.copy_((noise - 0.5) / value[0].numel() ** 0.5)
    return network


def caffe2_names(state):
    """detectron2's names as in MSRA's R-50.pkl."""
    parts = {"weight": "gamma", "bias": "beta", "running_mean": "running_mean", "running_var": "running_var"}
    branches = {"conv1": "branch2a", "conv2": "branch2b", "conv3": "branch2c", "shortcut": "branch1"}
    named = {}
    for name, value in state.items():
        *place, part = name.split(".")
        norm = place[-1] == "norm"
        if place[0] == "stem":
            key = f"res_conv1_bn_{parts[part]}" if norm else "conv1_w"
        else:
            key = "_".join(place[:2]) + f"_{branches[place[2]]}_" + (f"bn_{parts[part]}" if norm else "w")
        named[key] = value
    return named


def torchvision_names(state):
    named = {}
    for name, value in state.items():
        name = name.removeprefix("stem.")
        for stage in range(2, 6):
            name = name.replace(f"res{stage}.", f"layer{stage - 1}.")
        for number in (1, 2, 3):
            name = name.replace(f"conv{number}.norm", f"bn{number}")
        named[name.replace("shortcut.norm", "downsample.1").replace("shortcut", "downsample.0")] = value
    return named


def write_pickle(path, arrays):
    path.write_bytes(pickle.dumps(arrays, protocol=2))


def arrays_of(state):
    return {name: value.numpy() for name, value in state.items()}


def msra(state, path):
    """R-50.pkl: flat, Caffe2's names, with a classifier and a bias of the first convolution."""
    extra = {"fc1000_w": np.ones((10, 128), np.float32), "fc1000_b": np.ones(10, np.float32)}
    write_pickle(path, arrays_of(caffe2_names(state)) | extra)


def dino(state, path):
    """CutLER's dino_RN50_pretrain_d2_format.pkl, with the counters of its batch norms."""
    arrays = {f"backbone.bottom_up.{name}": value for name, value in arrays_of(state).items()}
    arrays["backbone.bottom_up.stem.conv1.norm.num_batches_tracked"] = np.array(5)
    write_pickle(path, {"model": arrays, "__author__": "DINO", "matching_heuristics": True})


def torchvision_file(state, path):
    torch.save(
        torchvision_names(state) | {"fc.weight": torch.zeros(10, 128), "fc.bias": torch.zeros(10)}, path
    )


# name: file, strides in the 1 x 1, writer, one tensor as the file calls it
PUBLISHED = {
    "msra": ("R-50.pkl", True, msra, "res3_0_branch1_bn_beta"),
    "dino": ("dino_RN50_pretrain_d2_format.pkl", False, dino, "backbone.bottom_up.res3.0.shortcut.norm.bias"),
    "torchvision": ("resnet50.pth", False, torchvision_file, "layer2.0.downsample.1.bias"),
    "torchvision names, caffe strides": (
        "resnet50.pth",
        True,
        torchvision_file,
        "layer2.0.downsample.1.bias",
    ),
}


@pytest.mark.parametrize("published", PUBLISHED)
def test_published_layout_computes_the_same(tmp_path, published):
    name, stride_in_1x1, write, _ = PUBLISHED[published]
    network = reference(stride_in_1x1)
    write(network.state_dict(), tmp_path / name)
    model = slim_model(stride_in_1x1)
    load_backbone(model, tmp_path / name)
    frame = torch.randint(0, 256, (3, 64, 96), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    frames = batch_images([frame], torch.device("cpu"))
    # MSRA's network sees BGR minus the mean, on the scale of pixels.
    bgr = (frame.float() - torch.tensor(PIXEL_MEAN).view(3, 1, 1)).flip(0)[None]
    with torch.no_grad():
        expected = network(bgr if published == "msra" else frames)
        found = model.backbone(frames).feature_maps
    for feature, key in zip(found, FEATURES, strict=True):
        torch.testing.assert_close(feature, expected[key], rtol=1e-4, atol=1e-4)
        assert feature.abs().max() > 0.01


@pytest.mark.parametrize("published", PUBLISHED)
@pytest.mark.parametrize("fault", ["removed", "renamed", "reshaped"])
def test_a_tensor_that_does_not_fit_is_called_as_in_the_file(tmp_path, published, fault):
    name, stride_in_1x1, write, tensor = PUBLISHED[published]
    state = reference(stride_in_1x1).state_dict()
    whole = "res3.0.shortcut.norm.bias"
    if fault == "removed":
        del state[whole]
    elif fault == "renamed":
        state["res9.0.conv1.weight"] = state.pop(whole)
    else:
        state[whole] = torch.zeros(5)
    write(state, tmp_path / name)
    with pytest.raises(UserError) as caught:
        load_backbone(slim_model(stride_in_1x1), tmp_path / name)
    words = {
        "removed": f"1 missing: {tensor}",
        "renamed": f"1 missing: {tensor}; 1 unexpected: ",
        "reshaped": "(5,)",
    }
    causes = {"removed": "a part of the model", "renamed": "other names", "reshaped": "another size"}
    assert words[fault] in caught.value.message
    assert tensor in caught.value.message
    assert causes[fault] in caught.value.fix


def test_the_bias_of_msras_first_convolution_counts(tmp_path):
    state = reference(True).state_dict()
    arrays = arrays_of(caffe2_names(state))
    features = []
    for bias in (0.0, 0.7):
        # A bias of 0.7 is what a mean that is lower by 0.7 does.
        shift = {"conv1_b": np.full(8, bias, np.float32)}
        mean = arrays["res_conv1_bn_running_mean"] + np.float32(bias)
        write_pickle(tmp_path / "R-50.pkl", {**arrays, **shift, "res_conv1_bn_running_mean": mean})
        model = slim_model(True)
        load_backbone(model, tmp_path / "R-50.pkl")
        with torch.no_grad():
            features.append(model.backbone(torch.ones(1, 3, 64, 64)).feature_maps[0])
    torch.testing.assert_close(*features)


def test_norms_merged_into_scale_and_shift(tmp_path):
    network = reference(True)
    state = {
        name: value
        if not name.endswith(("_mean", "_var"))
        else torch.zeros_like(value) + name.endswith("_var")
        for name, value in network.state_dict().items()
    }
    merged = {
        name.replace("_gamma", "_s").replace("_beta", "_b"): value
        for name, value in arrays_of(caffe2_names(state)).items()
        if not name.endswith(("_running_mean", "_running_var"))
    }
    write_pickle(tmp_path / "R-50.pkl", {"blobs": {**merged, "conv1_w_momentum": merged["conv1_w"]}})
    model = slim_model(True)
    load_backbone(model, tmp_path / "R-50.pkl")
    norm = model.backbone.embedder.embedder.normalization
    torch.testing.assert_close(norm(torch.ones(1, 8, 1, 1)).flatten(), norm.weight + norm.bias)


@pytest.mark.parametrize("published", ["msra", "dino"])
def test_strides_elsewhere_are_refused(tmp_path, published):
    name, stride_in_1x1, write, _ = PUBLISHED[published]
    write(reference(stride_in_1x1).state_dict(), tmp_path / name)
    with pytest.raises(UserError, match="stride 2 in the") as caught:
        load_backbone(slim_model(not stride_in_1x1), tmp_path / name)
    assert f"downsample_in_bottleneck to {str(stride_in_1x1).lower()}" in caught.value.fix


def test_metadata_tell_the_strides(tmp_path):
    path = tmp_path / "resnet50.safetensors"
    save_file(torchvision_names(reference(True).state_dict()), path, metadata={"stride_in_1x1": "true"})
    load_backbone(slim_model(True), path)
    with pytest.raises(UserError, match="metadata say that it has stride 2 in the first 1 x 1"):
        load_backbone(slim_model(False), path)


def test_a_whole_detector_is_no_backbone(tmp_path):
    state = {f"backbone.bottom_up.{name}": value for name, value in reference(False).state_dict().items()}
    torch.save(
        {"model": {**state, "backbone.fpn_lateral2.weight": torch.zeros(1)}}, tmp_path / "detector.pth"
    )
    with pytest.raises(UserError, match=r"1 unexpected: .*fpn_lateral2\.weight"):
        load_backbone(slim_model(False), tmp_path / "detector.pth")


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
    with pytest.raises(UserError, match=r"bn1\.bias"):
        load_backbone(tiny_model(), path)


def test_imagenet_backbone_loads(shared):
    path = shared / "real" / "weights" / "resnet50_imagenet.safetensors"
    if not path.is_file():
        pytest.skip(f"published weights not found at {path}")
    settings = ModelSettings(
        **{
            **TINY.model_dump(),
            **ModelSettings().model_dump(include={"embedding_size", "hidden_sizes", "depths", "layer_type"}),
            "downsample_in_bottleneck": True,
        }
    )
    model = MinVIS(settings, (1,))
    load_backbone(model, path)
    assert model.backbone.embedder.embedder.convolution.weight.std() > 0.05
