"""VideoCutLER's video model: Mask2Former whose queries see all T frames of a clip at once.

The network is that of MinVIS and has no parameter of its own: checkpoints of frames and of clips load into each other.
Its position embedding has time as a third axis (Mask2Former for Video Instance Segmentation, section 3.2; VideoCutLER,
section 3.3), and a query has one class and one embedding for the whole clip.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers.models.mask2former.modeling_mask2former import Mask2FormerSinePositionEmbedding

from uvis_core.io.devices import frames_at_once
from uvis_core.model.decoding import Canvas, last_layer
from uvis_core.model.images import batch_images
from uvis_core.model.minvis import LayerOutputs, MinVIS, PixelFeatures

# Frames that pass through backbone and pixel decoder together at most: more take memory, not less time.
FRAMES_AT_ONCE = 8


class ClipOutputs(NamedTuple):
    """The last layer's predictions for B clips; for a single one without the first axis.

    Attributes:
        class_logits: float32 (B, Q, C + 1), one per clip; the last class is "no object".
        mask_logits: float32 (B, Q, T, H / 4, W / 4) on the padded frames.
        embeddings: float32 (B, Q, D).
    """

    class_logits: Tensor
    mask_logits: Tensor
    embeddings: Tensor


class ClipModel(nn.Module):
    """A model of frames, run on clips; a module because training over many processes wraps one.

    Args:
        model: The network, shared.
    """

    def __init__(self, model: MinVIS) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> LayerOutputs:
        """Predict for normalised clips, all layers.

        Args:
            pixel_values: float32 of shape (B, T, 3, H, W), H and W multiples of 32.
        """
        pixels = self.model.pixels(pixel_values.flatten(0, 1))
        class_logits, mask_logits, embeddings = zip(
            *_layers(self.model, pixels, len(pixel_values)), strict=True
        )
        return LayerOutputs(class_logits, mask_logits, embeddings[-1])


@torch.inference_mode()
def clip_outputs(model: MinVIS, frames: Tensor) -> ClipOutputs:
    """Run the model on one clip.

    Args:
        model: In evaluation mode; its device is used.
        frames: uint8 RGB (T, 3, h, w), already resized.

    Returns:
        Shapes (Q, C + 1), (Q, T, H / 4, W / 4) and (Q, D).
    """
    device = next(model.parameters()).device
    at_once = frames_at_once(FRAMES_AT_ONCE, frames.shape[-2], frames.shape[-1], device)
    parts = [model.pixels(batch_images(list(part), device)) for part in frames.split(at_once)]
    levels = zip(*(part.multi_scale for part in parts), strict=True)
    pixels = PixelFeatures(
        tuple(torch.cat(level) for level in levels), torch.cat([part.mask_features for part in parts])
    )
    del parts
    if device.type == "cpu":
        classes, masks, embeddings = last_layer(model.network, _canvas(model, pixels, 1))
        last = classes, masks.unflatten(2, (len(frames), -1)), embeddings
    else:
        # One layer's masks at a time: those of all layers would be most of what a long clip takes.
        for outputs in _layers(model, pixels, 1):
            last = outputs
    return ClipOutputs(*(values[0].float() for values in last))


def clip_positions(length: int, features: Tensor) -> Tensor:
    """The position embedding of a clip: (y, x) of D / 2 features each, and t of D features added.

    Args:
        length: T frames.
        features: (B, D, h, w); shape, dtype and device count.

    Returns:
        (T, D, h, w).
    """
    width = features.shape[1]
    options = {"device": features.device, "dtype": features.dtype}
    space = Mask2FormerSinePositionEmbedding(width // 2, normalize=True)(features[:1].shape, **options)
    # Of a picture of T rows and one column, the half for y.
    time = Mask2FormerSinePositionEmbedding(width, normalize=True)(
        torch.Size((1, width, length, 1)), **options
    )
    return space + time[0, :width].movedim(1, 0)[..., None]


def _canvas(model: MinVIS, pixels: PixelFeatures, batch: int) -> Canvas:
    """What the queries look at in B clips, whose frames lie one below the other.

    Masks are scaled down by whole factors, which mixes no two frames.
    """
    module = model.network.model.transformer_module
    length = len(pixels.mask_features) // batch
    keys, positions, sizes = [], [], []
    for number, level in enumerate(pixels.multi_scale):
        columns = _stacked(module.input_projections[number](level), batch)  # (B, D, T h, w)
        keys.append((columns.flatten(2) + module.level_embed.weight[number][None, :, None]).permute(2, 0, 1))
        place = _stacked(clip_positions(length, level), 1)
        positions.append(place.flatten(2).permute(2, 0, 1).expand(-1, batch, -1))
        sizes.append((columns.shape[-2], columns.shape[-1]))
    return Canvas(keys, positions, sizes, _stacked(pixels.mask_features, batch))


def _layers(model: MinVIS, pixels: PixelFeatures, batch: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Class logits (B, Q, C + 1), mask logits (B, Q, T, H / 4, W / 4) and embeddings (B, Q, D), layer by layer.

    A query's attention is freed only where it is blocked over all frames.
    """
    module = model.network.model.transformer_module
    length = len(pixels.mask_features) // batch
    keys, positions, sizes, mask_features = _canvas(model, pixels, batch)
    query_positions = module.queries_embedder.weight[:, None].expand(-1, batch, -1)
    state = module.queries_features.weight[:, None].expand(-1, batch, -1)  # (Q, B, D)
    decoder = module.decoder
    for number in range(len(decoder.layers) + 1):
        hidden = decoder.layernorm(state)
        turn = number % len(sizes)  # of the level whose keys come next
        masks, blocked = decoder.mask_predictor(hidden, mask_features, sizes[turn])
        embeddings = hidden.transpose(0, 1)
        yield model.network.class_predictor(embeddings), masks.unflatten(2, (length, -1)), embeddings
        if number < len(decoder.layers):
            blocked = blocked & ~blocked.all(-1, keepdim=True)
            state = decoder.layers[number](
                state, turn, None, positions, query_positions, keys, encoder_attention_mask=blocked
            )[0]


def _stacked(frames: Tensor, batch: int) -> Tensor:
    """The T frames of each clip one below the other: (B T, D, h, w) to (B, D, T h, w)."""
    return frames.unflatten(0, (batch, -1)).transpose(1, 2).flatten(2, 3)
