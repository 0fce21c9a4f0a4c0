"""Published ResNets as backbones: their layouts told apart, renamed and rewritten to this model's input."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from uvis_core.io.errors import UserError
from uvis_core.io.images import PIXEL_STD
from uvis_core.io.weights import load_strict, read_state_dict
from uvis_core.model.keys import CAFFE2, DETECTRON2_RESNET, TORCHVISION, Rules, rename, renamed, without
from uvis_core.model.minvis import MinVIS

# In front of a backbone's names in checkpoints of whole models.
PREFIXES = ("module.", "backbone.bottom_up.", "bottom_up.", "backbone.", "resnet.")
STEM = "embedder.embedder."
BATCH_NORM_EPS = 1e-5
# Key of a safetensors file's metadata by which its maker can tell where the strides are: "true" or "false".
STRIDE_KEY = "stride_in_1x1"


class Layout(NamedTuple):
    """How a family of files names a ResNet's tensors.

    Attributes:
        name: For messages.
        sign: Regular expression that most names, and few in the other layouts, begin with.
        rules: Names there and here.
        classifier: Prefixes of the tensors that a backbone does without.
        stride_in_1x1: Where the strides are; None where files of both kinds are about.
    """

    name: str
    sign: str
    rules: Rules
    classifier: tuple[str, ...]
    stride_in_1x1: bool | None = None


LAYOUTS = (
    Layout("torchvision", r"conv1\.|bn1\.|layer\d\.", TORCHVISION, ("fc.",)),
    Layout("Caffe2", r"res\d_\d+_branch|conv1_w$", CAFFE2, ("fc1000_", "pred_"), True),
    Layout("detectron2", r"stem\.|res\d\.\d", DETECTRON2_RESNET, ("stem.fc.", "linear."), False),
    Layout("transformers", r"embedder\.|encoder\.", (), ("classifier.",)),
)


def load_backbone(model: MinVIS, path: Path | str) -> None:
    """Load the backbone alone, from torchvision's, transformers', detectron2's or Caffe2's layout.

    A classifier in the file is left out. torchvision's and transformers' names do not tell where stride 2 sits in a
    bottleneck, and no tensor does: there, ``downsample_in_bottleneck`` has to fit the file unless its metadata tell.

    Raises:
        UserError: A tensor is missing, unexpected or of another shape, named as in the file; or the file has its
            strides elsewhere than the model.
    """
    given = read_state_dict(path)
    prefix = next((prefix for prefix in PREFIXES if any(name.startswith(prefix) for name in given)), "")
    state = {name.removeprefix(prefix): value for name, value in given.items()}
    layout = max(LAYOUTS, key=lambda layout: sum(bool(re.match(layout.sign, name)) for name in state))
    _check_strides(model, path, layout)
    state = without(state, layout.classifier)
    if layout.rules is CAFFE2:
        state = _complete_norms(state)
    theirs = {renamed(name, layout.rules): name for name in state}
    state = rename(state, layout.rules)
    if layout.rules is CAFFE2:
        state = _for_rgb_input(state)
    inverse = tuple((ours, name) for name, ours in layout.rules)
    load_strict(
        model.backbone, state, path, called=lambda name: prefix + theirs.get(name, renamed(name, inverse))
    )


def _check_strides(model: MinVIS, path: Path | str, layout: Layout) -> None:
    # Basic blocks have no 1 x 1 convolution that could carry the stride.
    if model.settings.layer_type != "bottleneck":
        return
    stated = _metadata(path).get(STRIDE_KEY)
    in_1x1 = layout.stride_in_1x1 if stated is None else stated == "true"
    if in_1x1 not in (None, model.settings.downsample_in_bottleneck):
        places = ("3 x 3", "first 1 x 1")
        source = (
            f"backbones in {layout.name}'s layout have" if stated is None else "its metadata say that it has"
        )
        raise UserError(
            f"{path}: {source} stride 2 in the {places[bool(in_1x1)]} convolution of a stage, the model has it "
            f"in the {places[not in_1x1]}",
            fix=f"set training.model.downsample_in_bottleneck to {str(in_1x1).lower()}",
        )


def _metadata(path: Path | str) -> Mapping[str, str]:
    try:
        with safe_open(path, "pt") as file:
            return file.metadata() or {}
    except SafetensorError:
        return {}


def _complete_norms(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Bring Caffe2's batch norms under one set of names; where only scale and shift are kept, add the identity.

    Older files call the parts s, b, rm, riv, or have merged the statistics into scale and shift.
    """
    short = {
        "_bn_s": "_bn_gamma",
        "_bn_b": "_bn_beta",
        "_bn_rm": "_bn_running_mean",
        "_bn_riv": "_bn_running_var",
    }
    plain = {re.sub(r"_bn_(s|b|rm|riv)$", lambda part: short[part[0]], name): t for name, t in state.items()}
    if not any(name.endswith(("_bn_running_mean", "_bn_running_var")) for name in plain):
        for name in [name for name in plain if name.endswith("_bn_gamma")]:
            stem = name.removesuffix("gamma")
            plain[stem + "running_mean"] = torch.zeros_like(plain[name])
            plain[stem + "running_var"] = torch.full_like(plain[name], 1 - BATCH_NORM_EPS)
    return plain


def _for_rgb_input(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rewrite the first convolution of a Caffe backbone, made for BGR minus the mean, for normalised RGB.

    The mean is the same, so pixel_bgr - mean_bgr is std times the normalised value, channels reversed: both go into
    the weights. The padding is zero in either input. The convolution's bias, which this model's has not, moves into
    the mean that the batch norm subtracts.
    """
    changed = dict(state)
    weight, mean = STEM + "convolution.weight", STEM + "normalization.running_mean"
    if weight in changed and changed[weight].shape[1:2] == (3,):
        std = torch.tensor(PIXEL_STD).view(1, 3, 1, 1)
        changed[weight] = changed[weight].flip(1) * std
    bias = changed.pop("conv1_b", None)
    if bias is not None and mean in changed:
        changed[mean] = changed[mean] - bias
    return changed
