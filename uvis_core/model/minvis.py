"""MinVIS, section 3: Mask2Former run on single frames; tracking matches its query embeddings."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from transformers import Mask2FormerConfig, Mask2FormerForUniversalSegmentation, ResNetConfig

from uvis_core.config.model import ModelSettings, Recipe
from uvis_core.io.devices import frames_at_once
from uvis_core.model.decoding import Canvas, last_layer
from uvis_core.model.deformable import DeformableAttention
from uvis_core.model.images import batch_images

# transformers warns of every backbone but Swin; MinVIS's own checkpoint agrees with this one (tests/model).
logging.getLogger("transformers.models.mask2former.configuration_mask2former").setLevel(logging.ERROR)


class PixelFeatures(NamedTuple):
    """What the queries see of B frames.

    Attributes:
        multi_scale: float32 (B, D, H / s, W / s) at the strides s of 32, 16 and 8.
        mask_features: float32 (B, E, H / 4, W / 4), the per-pixel embedding.
    """

    multi_scale: tuple[torch.Tensor, ...]
    mask_features: torch.Tensor


class LayerOutputs(NamedTuple):
    """What each of the L = decoder_layers + 1 supervised outputs predicts; the last is the model's answer.

    Attributes:
        class_logits: L tensors of shape (B, Q, C + 1); the last class is "no object".
        mask_logits: L tensors of shape (B, Q, H / 4, W / 4); over clips (B, Q, T, H / 4, W / 4).
        embeddings: Query embeddings of shape (B, Q, D): the last decoder output after its layer norm.
    """

    class_logits: tuple[torch.Tensor, ...]
    mask_logits: tuple[torch.Tensor, ...]
    embeddings: torch.Tensor


class FrameOutputs(NamedTuple):
    """The last layer's predictions for B frames.

    Attributes:
        class_logits: float32 (B, Q, C + 1); the last class is "no object".
        mask_logits: float32 (B, Q, H / 4, W / 4) on the padded frame.
        embeddings: float32 (B, Q, D).
    """

    class_logits: torch.Tensor
    mask_logits: torch.Tensor
    embeddings: torch.Tensor


def mask2former_config(settings: ModelSettings, class_count: int) -> Mask2FormerConfig:
    """The transformers configuration of this size for ``class_count`` classes."""
    # transformers' configurations take more keywords than their signatures tell a type checker.
    backbone = ResNetConfig(  # type: ignore[call-arg]
        embedding_size=settings.embedding_size,
        hidden_sizes=list(settings.hidden_sizes),
        depths=list(settings.depths),
        layer_type=settings.layer_type,
        downsample_in_bottleneck=settings.downsample_in_bottleneck,
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    return Mask2FormerConfig(  # type: ignore[call-arg]
        backbone_config=backbone,
        feature_size=settings.hidden_dim,
        hidden_dim=settings.hidden_dim,
        mask_feature_size=settings.mask_dim,
        num_attention_heads=settings.heads,
        encoder_layers=settings.encoder_layers,
        encoder_feedforward_dim=settings.encoder_ffn_dim,
        # transformers counts the prediction from the initial queries as a layer.
        decoder_layers=settings.decoder_layers + 1,
        dim_feedforward=settings.decoder_ffn_dim,
        num_queries=settings.queries,
        num_labels=class_count,
    )


class MinVIS(nn.Module):
    """Mask2Former with batch normalisation of the backbone fixed, as all published recipes have it.

    Args:
        settings: Sizes of the network.
        class_ids: Data set id of each class, in the order of the class logits.
        recipe: How its weights are trained; of ``videocutler`` they are meant for clips.
        frozen_backbone: Keep the backbone's weights and run it without gradients (UVIS, section 4.1).
    """

    def __init__(
        self,
        settings: ModelSettings,
        class_ids: Sequence[int],
        recipe: Recipe = "minvis",
        *,
        frozen_backbone: bool = True,
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.settings = settings
        self.class_ids = tuple(class_ids)
        self.network = Mask2FormerForUniversalSegmentation(mask2former_config(settings, len(self.class_ids)))
        for layer in self.network.model.pixel_level_module.decoder.encoder.layers:
            layer.self_attn = DeformableAttention(layer.self_attn)
        self.frozen_backbone = frozen_backbone
        self.backbone.requires_grad_(not frozen_backbone)
        for module in self.backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.requires_grad_(False)
        if not settings.learned_query_content:
            content = self.network.model.transformer_module.queries_features
            nn.init.zeros_(content.requires_grad_(False).weight)
        self.eval()

    @property
    def backbone(self) -> nn.Module:
        """The ResNet."""
        return self.network.model.pixel_level_module.encoder

    def train(self, mode: bool = True) -> "MinVIS":
        """Switch to training or evaluation; batch normalisation keeps its statistics in both."""
        super().train(mode)
        self.backbone.eval()
        return self

    def pixels(self, pixel_values: torch.Tensor) -> PixelFeatures:
        """Backbone and pixel decoder, frame by frame.

        Args:
            pixel_values: float32 of shape (B, 3, H, W), from ``batch_images``.
        """
        pixel_level = self.network.model.pixel_level_module
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen_backbone):
            features = pixel_level.encoder(pixel_values).feature_maps
        # As published, the pixel decoder is kept in float32: bfloat16 cannot tell neighbouring positions
        # apart.
        with torch.autocast(pixel_values.device.type, enabled=False):
            decoded = pixel_level.decoder([feature.float() for feature in features])
        return PixelFeatures(tuple(decoded.multi_scale_features), decoded.mask_features)

    def forward(self, pixel_values: torch.Tensor) -> LayerOutputs:
        """Predict for normalised frames.

        Args:
            pixel_values: float32 of shape (B, 3, H, W), from ``batch_images``.
        """
        pixels = self.pixels(pixel_values)
        queries = self.network.model.transformer_module(
            multi_scale_features=pixels.multi_scale, mask_features=pixels.mask_features
        )
        hidden = [state.transpose(0, 1) for state in queries.intermediate_hidden_states]  # each (B, Q, D)
        class_logits = tuple(self.network.class_predictor(state) for state in hidden)
        return LayerOutputs(class_logits, tuple(queries.masks_queries_logits), hidden[-1])


def placed(model: MinVIS, device: torch.device) -> MinVIS:
    """The model on the device, for training; the backbone's weights channels-last where it runs fastest so.

    On CPUs that is so with basic blocks; with bottleneck blocks a step would take a fifth longer.
    """
    model = model.to(device)
    if device.type != "cpu" or model.settings.layer_type == "basic":
        model.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


@torch.inference_mode()
def frame_outputs(model: MinVIS, images: Sequence[torch.Tensor]) -> FrameOutputs:
    """Run the model on frames.

    Args:
        model: In evaluation mode; its device is used.
        images: B uint8 RGB tensors of shape (3, H_i, W_i), already resized.
    """
    device = next(model.parameters()).device
    batch = batch_images(images, device)
    if device.type == "cpu":
        parts = [
            last_layer(model.network, frame_canvas(model, model.pixels(part)))
            for part in batch.split(frames_at_once(len(batch), batch.shape[2], batch.shape[3], device))
        ]
        return FrameOutputs(*(torch.cat(values).float() for values in zip(*parts, strict=True)))
    outputs = model(batch)
    return FrameOutputs(
        outputs.class_logits[-1].float(), outputs.mask_logits[-1].float(), outputs.embeddings.float()
    )


def frame_canvas(model: MinVIS, pixels: PixelFeatures) -> Canvas:
    """What the queries look at in B frames."""
    module = model.network.model.transformer_module
    keys, positions = [], []
    for number, level in enumerate(pixels.multi_scale):
        columns = module.input_projections[number](level).flatten(2)
        keys.append((columns + module.level_embed.weight[number][None, :, None]).permute(2, 0, 1))
        place = module.position_embedder(level[:1].shape, level.device, level.dtype)
        positions.append(place.flatten(2).permute(2, 0, 1).expand(-1, len(level), -1))
    sizes = [(level.shape[2], level.shape[3]) for level in pixels.multi_scale]
    return Canvas(keys, positions, sizes, pixels.mask_features)
