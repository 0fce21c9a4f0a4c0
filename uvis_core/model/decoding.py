"""The query decoder where only its last predictions are wanted (Mask2Former, section 3.2).

In training every layer's masks are supervised, and a layer attends where the masks of the one before are. Otherwise the
masks of a layer are only wanted at the size of the features that come next: scaling down and the product with the
queries are both linear, so features that are scaled down once give the same as masks that are scaled down every time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional
from transformers import Mask2FormerForUniversalSegmentation


class Canvas(NamedTuple):
    """What the queries of B pictures look at.

    Attributes:
        keys: float (S_l, B, D) of each level, the places row after row.
        positions: float (S_l, B, D), their embeddings.
        sizes: Height and width of each level; S_l is their product.
        mask_features: float (B, E, H / 4, W / 4), the per-pixel embedding.
    """

    keys: Sequence[Tensor]
    positions: Sequence[Tensor]
    sizes: Sequence[tuple[int, int]]
    mask_features: Tensor


class LastLayer(NamedTuple):
    """Predictions of the last layer.

    Attributes:
        class_logits: float (B, Q, C + 1); the last class is "no object".
        mask_logits: float (B, Q, H / 4, W / 4).
        embeddings: float (B, Q, D).
    """

    class_logits: Tensor
    mask_logits: Tensor
    embeddings: Tensor


def last_layer(network: Mask2FormerForUniversalSegmentation, canvas: Canvas) -> LastLayer:
    """Run the decoder and predict once, at its end."""
    module = network.model.transformer_module
    decoder, batch = module.decoder, len(canvas.mask_features)
    embedder = decoder.mask_predictor.mask_embedder
    scaled = [
        functional.interpolate(canvas.mask_features, size=size, mode="bilinear") for size in canvas.sizes
    ]
    query_positions = module.queries_embedder.weight[:, None].expand(-1, batch, -1)
    state = module.queries_features.weight[:, None].expand(-1, batch, -1)  # (Q, B, D)
    for number, layer in enumerate(decoder.layers):
        turn = number % len(scaled)
        masks = torch.bmm(embedder(decoder.layernorm(state).transpose(0, 1)), scaled[turn].flatten(2))
        blocked = masks < 0  # (B, Q, S)
        # A query whose mask is empty looks everywhere.
        blocked &= ~blocked.all(-1, keepdim=True)
        blocked = blocked.repeat_interleave(decoder.mask_predictor.num_heads, dim=0)
        state = layer(
            state, turn, None, canvas.positions, query_positions, canvas.keys, encoder_attention_mask=blocked
        )[0]
    embeddings = decoder.layernorm(state).transpose(0, 1)
    masks = torch.bmm(embedder(embeddings), canvas.mask_features.flatten(2))
    masks = masks.unflatten(2, canvas.mask_features.shape[2:])
    return LastLayer(network.class_predictor(embeddings), masks, embeddings)
