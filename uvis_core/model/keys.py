"""Names of tensors in other projects' checkpoints and in the transformers library, in both directions.

A rule is a pair of templates, theirs and ours. ``{n}`` stands for a number and ``{tail}``
for the rest of the name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import torch
from torch import Tensor

Rules = tuple[tuple[str, str], ...]

BACKBONE = "model.pixel_level_module.encoder."
PIXELS = "model.pixel_level_module.decoder."
QUERIES = "model.transformer_module."
PLACEHOLDERS = {"{n}": r"(?P<n>\d+)", "{tail}": r"(?P<tail>.+)"}


def _residual_stages(
    stage_name: str, first_stage: int, convolution: str, norm: str, shortcut: tuple[str, str]
) -> Rules:
    """Rules for the four stages of a ResNet, whose numbering differs from transformers' by constants."""
    rules = []
    for stage in range(4):
        theirs = f"{stage_name}{stage + first_stage}.{{n}}."
        ours = f"encoder.stages.{stage}.layers.{{n}}."
        for number in range(3):
            rules += [
                (theirs + norm.format(number + 1), f"{ours}layer.{number}.normalization.{{tail}}"),
                (theirs + convolution.format(number + 1), f"{ours}layer.{number}.convolution.weight"),
            ]
        rules += [
            (theirs + shortcut[0], f"{ours}shortcut.convolution.weight"),
            (theirs + shortcut[1], f"{ours}shortcut.normalization.{{tail}}"),
        ]
    return tuple(rules)


def _caffe2_branches(stage: int) -> Iterator[tuple[str, str]]:
    """Caffe2's names of the convolutions in a block, and where they are here."""
    block = f"encoder.stages.{stage}.layers.{{n}}."
    yield from ((f"2{letter}", f"{block}layer.{number}") for number, letter in enumerate("abc"))
    yield "1", f"{block}shortcut"


TORCHVISION: Rules = (
    ("conv1.weight", "embedder.embedder.convolution.weight"),
    ("bn1.{tail}", "embedder.embedder.normalization.{tail}"),
    *_residual_stages(
        "layer", 1, "conv{}.weight", "bn{}.{{tail}}", ("downsample.0.weight", "downsample.1.{tail}")
    ),
)
DETECTRON2_RESNET: Rules = (
    ("stem.conv1.weight", "embedder.embedder.convolution.weight"),
    ("stem.conv1.norm.{tail}", "embedder.embedder.normalization.{tail}"),
    *_residual_stages(
        "res", 2, "conv{}.weight", "conv{}.norm.{{tail}}", ("shortcut.weight", "shortcut.norm.{tail}")
    ),
)

CAFFE2: Rules = (
    ("conv1_w", "embedder.embedder.convolution.weight"),
    *(
        rule
        for part, ours in (
            ("gamma", "weight"),
            ("beta", "bias"),
            ("running_mean", "running_mean"),
            ("running_var", "running_var"),
        )
        for rule in (
            (f"res_conv1_bn_{part}", f"embedder.embedder.normalization.{ours}"),
            *(
                (f"res{stage + 2}_{{n}}_branch{branch}_bn_{part}", f"{place}.normalization.{ours}")
                for stage in range(4)
                for branch, place in _caffe2_branches(stage)
            ),
        )
    ),
    *(
        (f"res{stage + 2}_{{n}}_branch{branch}_w", f"{place}.convolution.weight")
        for stage in range(4)
        for branch, place in _caffe2_branches(stage)
    ),
)

_THEIR_PIXELS = "sem_seg_head.pixel_decoder."
_THEIR_ENCODER = _THEIR_PIXELS + "transformer.encoder.layers.{n}."
_THEIR_QUERIES = "sem_seg_head.predictor."
_ENCODER = PIXELS + "encoder.layers.{n}."
_DECODER = QUERIES + "decoder.layers.{n}."
MINVIS: Rules = (
    *(("backbone." + theirs, BACKBONE + ours) for theirs, ours in DETECTRON2_RESNET),
    (_THEIR_PIXELS + "input_proj.{tail}", PIXELS + "input_projections.{tail}"),
    (_THEIR_PIXELS + "transformer.level_embed", PIXELS + "level_embed"),
    (_THEIR_ENCODER + "self_attn.{tail}", _ENCODER + "self_attn.{tail}"),
    (_THEIR_ENCODER + "norm1.{tail}", _ENCODER + "self_attn_layer_norm.{tail}"),
    (_THEIR_ENCODER + "linear1.{tail}", _ENCODER + "fc1.{tail}"),
    (_THEIR_ENCODER + "linear2.{tail}", _ENCODER + "fc2.{tail}"),
    (_THEIR_ENCODER + "norm2.{tail}", _ENCODER + "final_layer_norm.{tail}"),
    (_THEIR_PIXELS + "mask_features.{tail}", PIXELS + "mask_projection.{tail}"),
    *(
        rule
        for name in ("adapter_1", "layer_1")
        for rule in (
            (f"{_THEIR_PIXELS}{name}.norm.{{tail}}", f"{PIXELS}{name}.1.{{tail}}"),
            (f"{_THEIR_PIXELS}{name}.weight", f"{PIXELS}{name}.0.weight"),
        )
    ),
    (
        _THEIR_QUERIES + "transformer_self_attention_layers.{n}.self_attn.{tail}",
        _DECODER + "self_attn.{tail}",
    ),
    (
        _THEIR_QUERIES + "transformer_self_attention_layers.{n}.norm.{tail}",
        _DECODER + "self_attn_layer_norm.{tail}",
    ),
    (
        _THEIR_QUERIES + "transformer_cross_attention_layers.{n}.multihead_attn.{tail}",
        _DECODER + "cross_attn.{tail}",
    ),
    (
        _THEIR_QUERIES + "transformer_cross_attention_layers.{n}.norm.{tail}",
        _DECODER + "cross_attn_layer_norm.{tail}",
    ),
    (_THEIR_QUERIES + "transformer_ffn_layers.{n}.linear1.{tail}", _DECODER + "fc1.{tail}"),
    (_THEIR_QUERIES + "transformer_ffn_layers.{n}.linear2.{tail}", _DECODER + "fc2.{tail}"),
    (_THEIR_QUERIES + "transformer_ffn_layers.{n}.norm.{tail}", _DECODER + "final_layer_norm.{tail}"),
    (_THEIR_QUERIES + "decoder_norm.{tail}", QUERIES + "decoder.layernorm.{tail}"),
    (_THEIR_QUERIES + "query_feat.weight", QUERIES + "queries_features.weight"),
    (_THEIR_QUERIES + "query_embed.weight", QUERIES + "queries_embedder.weight"),
    (_THEIR_QUERIES + "level_embed.weight", QUERIES + "level_embed.weight"),
    (_THEIR_QUERIES + "class_embed.{tail}", "class_predictor.{tail}"),
    (
        _THEIR_QUERIES + "mask_embed.layers.{n}.{tail}",
        QUERIES + "decoder.mask_predictor.mask_embedder.{n}.0.{tail}",
    ),
)
# torch's attention keeps one projection where transformers keeps three.
_JOINT = re.compile(r"(.+\.decoder\.layers\.\d+\.self_attn\.)in_proj_(weight|bias)")
_SPLIT = re.compile(r"(.+\.decoder\.layers\.\d+\.self_attn\.)[qkv]_proj\.(weight|bias)")


def renamed(name: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The name by the first rule that fits it whole; itself where none does."""
    for template, translation in pairs:
        pattern = re.escape(template)
        for placeholder, expression in PLACEHOLDERS.items():
            pattern = pattern.replace(re.escape(placeholder), expression)
        match = re.fullmatch(pattern, name)
        if match:
            return translation.format(**match.groupdict())
    return name


def rename(state: Mapping[str, Tensor], rules: Rules) -> dict[str, Tensor]:
    """Give tensors this library's names; those without a rule keep theirs, for strict loading to name."""
    return {renamed(name, rules): value for name, value in state.items()}


def minvis_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a MinVIS checkpoint under this library's names, joint projections split in three."""
    split: dict[str, Tensor] = {}
    for name, value in rename(state, MINVIS).items():
        match = _JOINT.fullmatch(name)
        # What is not three projections keeps its name, for loading to name it.
        if match is None or value.ndim == 0 or len(value) % 3:
            split[name] = value
            continue
        for letter, part in zip("qkv", torch.chunk(value, 3), strict=True):
            split[f"{match[1]}{letter}_proj.{match[2]}"] = part.clone()
    return split


def minvis_name(name: str) -> str:
    """What a MinVIS checkpoint calls the tensor that has ``name`` here."""
    return renamed(_SPLIT.sub(r"\1in_proj_\2", name), ((ours, theirs) for theirs, ours in MINVIS))


def without(state: Mapping[str, Tensor], prefixes: Iterable[str]) -> dict[str, Tensor]:
    """The tensors whose names start with none of the prefixes."""
    return {name: value for name, value in state.items() if not name.startswith(tuple(prefixes))}
