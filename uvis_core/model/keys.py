"""Names of tensors in other projects' checkpoints, turned into those of the transformers library."""

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

BACKBONE = "model.pixel_level_module.encoder."
PIXELS = "model.pixel_level_module.decoder."
QUERIES = "model.transformer_module."
RESIDUAL = r"encoder.stages.{stage}.layers.\2.layer.{conv}"

Rules = tuple[tuple[str, str], ...]

TORCHVISION: Rules = (
    (r"conv1\.weight", "embedder.embedder.convolution.weight"),
    (r"bn1\.(\w+)", r"embedder.embedder.normalization.\1"),
    *(
        rule
        for stage in range(4)
        for rule in (
            *(
                (
                    rf"(layer{stage + 1})\.(\d+)\.{name}{conv + 1}\.(\w+)",
                    RESIDUAL.format(stage=stage, conv=conv) + rf".{part}.\3",
                )
                for conv in range(3)
                for name, part in (("conv", "convolution"), ("bn", "normalization"))
            ),
            (
                rf"(layer{stage + 1})\.(\d+)\.downsample\.0\.(\w+)",
                rf"encoder.stages.{stage}.layers.\2.shortcut.convolution.\3",
            ),
            (
                rf"(layer{stage + 1})\.(\d+)\.downsample\.1\.(\w+)",
                rf"encoder.stages.{stage}.layers.\2.shortcut.normalization.\3",
            ),
        )
    ),
)

DETECTRON2_RESNET: Rules = (
    (r"stem\.conv1\.weight", "embedder.embedder.convolution.weight"),
    (r"stem\.conv1\.norm\.(\w+)", r"embedder.embedder.normalization.\1"),
    *(
        rule
        for stage in range(4)
        for rule in (
            *(
                (
                    rf"(res{stage + 2})\.(\d+)\.conv{conv + 1}\.{name}(\w+)",
                    RESIDUAL.format(stage=stage, conv=conv) + rf".{part}.\3",
                )
                for conv in range(3)
                for name, part in (("", "convolution"), (r"norm\.", "normalization"))
            ),
            (
                rf"(res{stage + 2})\.(\d+)\.shortcut\.norm\.(\w+)",
                rf"encoder.stages.{stage}.layers.\2.shortcut.normalization.\3",
            ),
            (
                rf"(res{stage + 2})\.(\d+)\.shortcut\.(\w+)",
                rf"encoder.stages.{stage}.layers.\2.shortcut.convolution.\3",
            ),
        )
    ),
)

_ENCODER_LAYER = r"sem_seg_head\.pixel_decoder\.transformer\.encoder\.layers\.(\d+)"
_DECODER = r"sem_seg_head\.predictor"
MINVIS: Rules = (
    *((rf"backbone\.{pattern}", BACKBONE + name) for pattern, name in DETECTRON2_RESNET),
    (r"sem_seg_head\.pixel_decoder\.input_proj\.(.+)", PIXELS + r"input_projections.\1"),
    (r"sem_seg_head\.pixel_decoder\.transformer\.level_embed", PIXELS + "level_embed"),
    (rf"{_ENCODER_LAYER}\.self_attn\.(.+)", PIXELS + r"encoder.layers.\1.self_attn.\2"),
    (rf"{_ENCODER_LAYER}\.norm1\.(\w+)", PIXELS + r"encoder.layers.\1.self_attn_layer_norm.\2"),
    (rf"{_ENCODER_LAYER}\.linear1\.(\w+)", PIXELS + r"encoder.layers.\1.fc1.\2"),
    (rf"{_ENCODER_LAYER}\.linear2\.(\w+)", PIXELS + r"encoder.layers.\1.fc2.\2"),
    (rf"{_ENCODER_LAYER}\.norm2\.(\w+)", PIXELS + r"encoder.layers.\1.final_layer_norm.\2"),
    (r"sem_seg_head\.pixel_decoder\.mask_features\.(\w+)", PIXELS + r"mask_projection.\1"),
    (r"sem_seg_head\.pixel_decoder\.(adapter|layer)_1\.norm\.(\w+)", PIXELS + r"\1_1.1.\2"),
    (r"sem_seg_head\.pixel_decoder\.(adapter|layer)_1\.weight", PIXELS + r"\1_1.0.weight"),
    (
        rf"{_DECODER}\.transformer_self_attention_layers\.(\d+)\.self_attn\.(.+)",
        QUERIES + r"decoder.layers.\1.self_attn.\2",
    ),
    (
        rf"{_DECODER}\.transformer_self_attention_layers\.(\d+)\.norm\.(\w+)",
        QUERIES + r"decoder.layers.\1.self_attn_layer_norm.\2",
    ),
    (
        rf"{_DECODER}\.transformer_cross_attention_layers\.(\d+)\.multihead_attn\.(.+)",
        QUERIES + r"decoder.layers.\1.cross_attn.\2",
    ),
    (
        rf"{_DECODER}\.transformer_cross_attention_layers\.(\d+)\.norm\.(\w+)",
        QUERIES + r"decoder.layers.\1.cross_attn_layer_norm.\2",
    ),
    (rf"{_DECODER}\.transformer_ffn_layers\.(\d+)\.linear1\.(\w+)", QUERIES + r"decoder.layers.\1.fc1.\2"),
    (rf"{_DECODER}\.transformer_ffn_layers\.(\d+)\.linear2\.(\w+)", QUERIES + r"decoder.layers.\1.fc2.\2"),
    (
        rf"{_DECODER}\.transformer_ffn_layers\.(\d+)\.norm\.(\w+)",
        QUERIES + r"decoder.layers.\1.final_layer_norm.\2",
    ),
    (rf"{_DECODER}\.decoder_norm\.(\w+)", QUERIES + r"decoder.layernorm.\1"),
    (rf"{_DECODER}\.query_feat\.weight", QUERIES + "queries_features.weight"),
    (rf"{_DECODER}\.query_embed\.weight", QUERIES + "queries_embedder.weight"),
    (rf"{_DECODER}\.level_embed\.weight", QUERIES + "level_embed.weight"),
    (rf"{_DECODER}\.class_embed\.(\w+)", r"class_predictor.\1"),
    (
        rf"{_DECODER}\.mask_embed\.layers\.(\d+)\.(\w+)",
        QUERIES + r"decoder.mask_predictor.mask_embedder.\1.0.\2",
    ),
    (r"criterion\.empty_weight", "criterion.empty_weight"),
)


def rename(state: Mapping[str, Tensor], rules: Rules) -> dict[str, Tensor]:
    """Rename tensors by the first rule whose pattern is the whole name; a name without a rule stays as it is.

    Names that stay are then refused by strict loading under the name that the user's file has.
    """
    renamed = {}
    for name, value in state.items():
        for pattern, replacement in rules:
            match = re.fullmatch(pattern, name)
            if match:
                renamed[match.expand(replacement)] = value
                break
        else:
            renamed[name] = value
    return renamed


def split_attention(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Split torch's joint query, key, value projections where transformers keeps three layers."""
    split: dict[str, Tensor] = {}
    for name, value in state.items():
        match = re.fullmatch(r"(.+\.self_attn\.)in_proj_(weight|bias)", name)
        if match is None:
            split[name] = value
            continue
        for letter, part in zip("qkv", torch.chunk(value, 3), strict=True):
            split[f"{match[1]}{letter}_proj.{match[2]}"] = part.clone()
    return split


def without(state: Mapping[str, Tensor], prefixes: Iterable[str]) -> dict[str, Tensor]:
    """The tensors whose names start with none of the prefixes."""
    return {name: value for name, value in state.items() if not name.startswith(tuple(prefixes))}
