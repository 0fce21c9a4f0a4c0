"""Public MinVIS, VideoCutLER and Mask2Former checkpoints (detectron2 layout) into checkpoints of this project."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from uvis_core.config.base import validated
from uvis_core.config.model import ModelSettings, Recipe
from uvis_core.io.errors import UserError
from uvis_core.io.weights import NAMES_SHOWN, load_strict, read_state_dict
from uvis_core.model.checkpoint import CRITERION, MODEL_NAME, save_checkpoint
from uvis_core.model.keys import BACKBONE, PIXELS, QUERIES, minvis_name, minvis_state, without
from uvis_core.model.minvis import MinVIS

STAGE = BACKBONE + "encoder.stages.{}.layers."
# Each head of the deformable attention looks at 4 points on 3 levels.
WEIGHTS_PER_HEAD = 3 * 4
PUBLISHED = (
    "give a MinVIS, VideoCutLER or Mask2Former R50 checkpoint as published; Swin backbones are not supported"
)


def _numbered(state: Mapping[str, Tensor], prefix: str) -> int:
    """How many different numbers follow ``prefix`` among the names."""
    return len({match[1] for name in state if (match := re.match(re.escape(prefix) + r"(\d+)\.", name))})


def sizes_from_state(
    state: Mapping[str, Tensor], path: Path | str, *, downsample_in_bottleneck: bool
) -> ModelSettings:
    """Read all sizes off the tensors.

    Args:
        state: Under transformers names.
        path: For the error message.
        downsample_in_bottleneck: The one property that leaves no trace in the shapes.

    Raises:
        UserError: A tensor that tells a size is missing, or the sizes cannot belong to such a model.
    """
    try:
        last = [f"{STAGE.format(stage)}0.layer" for stage in range(4)]
        bottleneck = f"{last[0]}.2.convolution.weight" in state
        out = 2 if bottleneck else 1
        values = {
            "embedding_size": state[BACKBONE + "embedder.embedder.convolution.weight"].shape[0],
            "hidden_sizes": [state[f"{name}.{out}.convolution.weight"].shape[0] for name in last],
            "depths": [_numbered(state, STAGE.format(stage)) for stage in range(4)],
            "layer_type": "bottleneck" if bottleneck else "basic",
            "downsample_in_bottleneck": downsample_in_bottleneck,
            "hidden_dim": state[QUERIES + "queries_features.weight"].shape[1],
            "mask_dim": state[PIXELS + "mask_projection.weight"].shape[0],
            "heads": state[PIXELS + "encoder.layers.0.self_attn.attention_weights.weight"].shape[0]
            // WEIGHTS_PER_HEAD,
            "encoder_layers": _numbered(state, PIXELS + "encoder.layers."),
            "encoder_ffn_dim": state[PIXELS + "encoder.layers.0.fc1.weight"].shape[0],
            "decoder_layers": _numbered(state, QUERIES + "decoder.layers."),
            "decoder_ffn_dim": state[QUERIES + "decoder.layers.0.fc1.weight"].shape[0],
            "queries": state[QUERIES + "queries_features.weight"].shape[0],
        }
    except KeyError as error:
        raise UserError(
            f"{path}: is no MinVIS or VideoCutLER R50 checkpoint: {minvis_name(error.args[0])} is missing",
            fix=PUBLISHED,
        ) from error
    except IndexError as error:
        raise UserError(
            f"{path}: is no MinVIS or VideoCutLER R50 checkpoint: a tensor has fewer dimensions than there",
            fix=PUBLISHED,
        ) from error
    return validated(ModelSettings, values, str(path))


def convert_minvis(
    checkpoint: Path | str,
    output: Path | str,
    class_ids: Sequence[int] | None = None,
    *,
    downsample_in_bottleneck: bool = False,
    recipe: Recipe = "minvis",
) -> MinVIS:
    """Convert a public checkpoint and save it; MinVIS and VideoCutLER name the same tensors alike.

    Args:
        checkpoint: ``.pth`` in detectron2's layout.
        output: Folder for ``model.safetensors`` and ``config.json``.
        class_ids: Data set ids in the order of the checkpoint's classes; 1, 2, … where left out, which is how
            YTVIS 2019, YTVIS 2021 and OVIS number theirs, and the one class of VideoCutLER is numbered here.
        downsample_in_bottleneck: Where the backbone has its strides; published models have them in the 3 x 3.
        recipe: How it was trained, which no tensor tells.

    Returns:
        The converted model.

    Raises:
        UserError: The file is damaged, or names of tensors are missing, unexpected or of another shape.
    """
    state = minvis_state(read_state_dict(checkpoint))
    settings = sizes_from_state(state, checkpoint, downsample_in_bottleneck=downsample_in_bottleneck)
    head = state.get("class_predictor.weight")
    classes = 0 if head is None else len(head) - 1
    ids = tuple(class_ids) if class_ids is not None else tuple(range(1, classes + 1))
    if len(set(ids)) < len(ids):
        raise UserError(f"class ids {list(ids)} hold an id twice", fix="give every class an id of its own")
    if head is not None and len(ids) != classes:
        raise UserError(
            f"{checkpoint}: has {classes} classes, but {len(ids)} class ids are given",
            fix=f"give {classes} class ids",
        )
    model = MinVIS(settings, ids, recipe=recipe)
    _require_same_tensors(model, state, checkpoint)
    load_strict(model.network, state, checkpoint, reinitialise=[CRITERION])
    save_checkpoint(model, Path(output) / MODEL_NAME)
    return model


def _require_same_tensors(model: MinVIS, state: Mapping[str, Tensor], path: Path | str) -> None:
    """As strict loading, but in the names of the user's file."""
    own = without(model.network.state_dict(), [CRITERION])
    own = {name: value for name, value in own.items() if not name.endswith("num_batches_tracked")}
    missing = {minvis_name(name) for name in set(own) - set(state)}
    unexpected = {minvis_name(name) for name in set(without(state, [CRITERION])) - set(own)}
    reshaped = {
        f"{minvis_name(name)} {tuple(state[name].shape)}"
        for name in set(own) & set(state)
        if own[name].shape != state[name].shape
    }
    faults = [
        f"{len(names)} {kind}: {', '.join(sorted(names)[:NAMES_SHOWN])}"
        for kind, names in (("missing", missing), ("unexpected", unexpected), ("of another shape", reshaped))
        if names
    ]
    if faults:
        raise UserError(
            f"{path}: is no whole MinVIS checkpoint; tensors {'; '.join(faults)}",
            fix="fetch the checkpoint again; a model with other parts than MinVIS R50 is not supported",
        )
