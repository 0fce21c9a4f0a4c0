"""Settings of the training stage."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from uvis_core.config.base import Precision, Settings, weights_of
from uvis_core.config.clips import ClipSettings, JitterSettings
from uvis_core.config.faults import Misfit
from uvis_core.config.model import ModelSettings, Recipe

Pixels = Annotated[int, Field(ge=32)]
# Settings that one recipe alone reads.
RECIPE_OF = {"clip": "videocutler", "jitter": "image"}
PUBLISHED_DROPOUT = 0.3
"""Of both of VideoCutLER's stages, by the commands of its public code."""


class LossSettings(Settings):
    """Weights of the losses and how many points of a mask they look at (Mask2Former, section 3.3)."""

    class_weight: float = Field(
        2.0, ge=0, description="Weight of the cross entropy over classes and no-object."
    )
    mask_weight: float = Field(5.0, ge=0, description="Weight of the binary cross entropy of mask points.")
    dice_weight: float = Field(5.0, ge=0, description="Weight of the dice loss of mask points.")
    no_object_weight: float = Field(
        0.1, gt=0, description="Weight of the no-object class inside the cross entropy."
    )
    points: int = Field(
        12544, ge=1, description="Points per mask, for losses and for matching; fewer are faster and noisier."
    )
    oversampling: float = Field(
        3.0, ge=1, description="Candidates per point among which the uncertain ones are chosen."
    )
    importance: float = Field(
        0.75, ge=0, le=1, description="Share of points chosen for uncertainty; the rest is uniform."
    )


class TrainingSettings(Settings):
    """What one training does; the defaults are UVIS as published: MinVIS, on a frozen backbone."""

    recipe: Recipe = Field(
        "minvis",
        description="minvis trains on frames of videos; image and videocutler are VideoCutLER's two stages: on single "
        "images at random scales (jitter), and on clips that are synthesised of single images (clip).",
    )
    steps: int = Field(320_000, ge=1, description="Optimiser steps.")
    batch_size: int = Field(32, ge=1, description="Frames per step, over all processes together.")
    learning_rate: float = Field(1e-4, gt=0, description="AdamW's learning rate after warm-up.")
    weight_decay: float = Field(
        0.05, ge=0, description="AdamW's weight decay; 0 is used for norms and embeddings."
    )
    clip_norm: float = Field(0.01, gt=0, description="Largest norm of the whole model's gradient.")
    warmup_steps: int = Field(10, ge=0, description="Steps over which the learning rate rises linearly.")
    decay_steps: tuple[int, ...] = Field(
        (),
        description="Steps after which the learning rate is multiplied by decay_factor: ascending, and all of them "
        "before the last of steps.",
    )
    decay_factor: float = Field(
        0.1, gt=0, le=1, description="What a decay step multiplies the learning rate by."
    )
    frozen_backbone: bool = Field(
        True, description="Keep the backbone as it was loaded; it then runs without gradients."
    )
    backbone_factor: float = Field(
        0.1, gt=0, description="Factor on the learning rate of a backbone that is not frozen."
    )
    short_sides_px: tuple[Pixels, ...] = Field(
        (360, 480),
        min_length=1,
        description="Frames are scaled to one of these shorter sides, drawn anew for every step.",
    )
    flip: float = Field(0.5, ge=0, le=1, description="Probability of mirroring a frame left to right.")
    clip: ClipSettings = Field(ClipSettings(), description="Clips that are synthesised of single images.")
    jitter: JitterSettings = Field(JitterSettings(), description="Scales of single images.")
    class_agnostic: bool = Field(
        False,
        description="Train as if all labels were of one class: the model is a start for other variants, none to track "
        "with.",
    )
    dropout: float | None = Field(
        None,
        ge=0,
        lt=1,
        description="Share of values dropped in the pixel decoder's deformable layers; null for the recipe's own: 0 of "
        "minvis, 0.3 of image and videocutler.",
    )
    checkpoint_steps: int = Field(
        200, ge=1, description="Steps between states that a killed training resumes from; changes no result."
    )
    precision: Precision = Field("fp32", description="bf16 runs backbone and query decoder in bfloat16.")
    loss: LossSettings = Field(LossSettings(), description="Loss weights and points.")
    model: ModelSettings = Field(ModelSettings(), description="Size of the network.")
    backbone: str | None = Field(
        None,
        description="Weights of the backbone alone: a file (docs/weights.md lists the layouts) or a known name, such "
        "as torchvision_resnet50 or, learned without any label, dino_resnet50.",
        json_schema_extra=weights_of("backbone"),
    )
    initial: str | None = Field(
        None,
        description="Checkpoint of this project to start from, whatever its classes, or a known name.",
        json_schema_extra=weights_of("initial"),
    )
    checkpoint: str | None = Field(
        None,
        description="A finished model to track with: nothing is trained, and its experiments name no labels. A "
        "checkpoint of this project (model.safetensors with config.json beside it), or a known name; no other key goes "
        "with it.",
        json_schema_extra=weights_of("initial"),
    )

    @model_validator(mode="after")
    def _is_trained_or_given(self) -> Self:
        fields = type(self).model_fields.items()
        others = [
            name for name, field in fields if getattr(self, name) != field.default and name != "checkpoint"
        ]
        if self.checkpoint is not None and others:
            raise Misfit(
                f"checkpoint: a finished model is not trained, but {', '.join(others)} say how",
                fix="take them out, or set initial instead of checkpoint to go on training from it",
            )
        return self

    @model_validator(mode="after")
    def _recipe_reads_its_settings(self) -> Self:
        for name, recipe in RECIPE_OF.items():
            if getattr(self, name) != type(self).model_fields[name].default and self.recipe != recipe:
                raise Misfit(
                    f"{name}: is read by recipe {recipe} alone, but recipe is {self.recipe}",
                    fix=f"set recipe to {recipe}, or take {name} out",
                )
        return self

    @model_validator(mode="after")
    def _decays_in_time(self) -> Self:
        decays = list(self.decay_steps)
        if decays != sorted(set(decays)):
            raise Misfit(f"decay_steps: {decays} do not ascend", fix=f"write {sorted(set(decays))}")
        if decays and decays[-1] >= self.steps:
            raise Misfit(
                f"decay_steps: {decays[-1]} is never reached, the training ends after {self.steps} steps",
                fix=f"set decay_steps to steps below {self.steps}, or to [] for a rate that stays",
            )
        return self

    @property
    def dropout_rate(self) -> float:
        """Share of values that is dropped."""
        own = 0.0 if self.recipe == "minvis" else PUBLISHED_DROPOUT
        return own if self.dropout is None else self.dropout


class TrainingVariant(TrainingSettings):
    """A recipe; the defaults are UVIS as published: MinVIS, on a frozen backbone."""

    start: str | None = Field(
        None,
        description="Training variant whose model, of the same labels and seed, this one starts from; takes the place "
        "of initial. Its sizes are this one's too, where model is left out.",
    )

    @model_validator(mode="after")
    def _starts_once(self) -> Self:
        if self.start is not None and self.initial is not None:
            raise Misfit(
                f"start: {self.start!r}, but initial names a model to start from as well: {self.initial}",
                fix="take one of them out",
            )
        return self


def check_processes(key: str, settings: TrainingSettings, gpus: int, nodes: int) -> None:
    """Refuse a batch that the processes of a training cannot share evenly.

    Args:
        key: Where the settings stand in the configuration.
        settings: One variant of the training.
        gpus: GPUs per node, one process each; 0 is one process.
        nodes: Nodes that train together.

    Raises:
        Misfit: Names the batch size and one that fits.
    """
    processes = max(gpus, 1) * nodes
    if settings.batch_size % processes:
        raise Misfit(
            f"{key}.batch_size: {settings.batch_size} frames cannot be shared evenly by {processes} processes "
            f"(compute.training_gpus {gpus}, compute.training_nodes {nodes})",
            fix=f"set it to a multiple of {processes}, such as {-(-settings.batch_size // processes) * processes}",
        )
