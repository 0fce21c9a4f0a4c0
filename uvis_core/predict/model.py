"""The model of a prediction and how it is used: as it was tested, where the user says nothing else."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from uvis_core.config.base import validated
from uvis_core.config.predict import PredictSettings
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.vocabulary import read_vocabulary
from uvis_core.model.checkpoint import load_checkpoint, read_config
from uvis_core.model.inference import for_inference
from uvis_core.model.minvis import MinVIS
from uvis_core.model.usage import CONFIG_NAME, read_usage


@dataclass(frozen=True)
class Predictor:
    """A model that is ready for videos.

    Attributes:
        model: In evaluation mode, on its device.
        class_names: Names by class id.
        tracks: Short side, tracker, its λ.
        min_score: Least score of a track that is drawn.
        digest: Of the weights.
    """

    model: MinVIS
    class_names: Mapping[int, str]
    tracks: TracksSettings
    min_score: float
    digest: str


def load_predictor(
    path: Path | str, settings: PredictSettings, vocabulary: Path | str | None, device: torch.device
) -> Predictor:
    """Load a model with what is kept beside it of its use.

    Args:
        path: The checkpoint.
        settings: What the user says, in place of what is kept.
        vocabulary: The class names, in place of those that are kept.
        device: Where the model is to run.

    Raises:
        UserError: The checkpoint cannot be used, or neither it nor the user says how.
    """
    read_config(path)
    usage = read_usage(path)
    needed = {"--short-side-px": settings.short_side_px, "--vocabulary": vocabulary}
    missing = [flag for flag, value in needed.items() if value is None]
    if usage is None and missing:
        raise UserError(
            f"{path}: its {CONFIG_NAME} does not say how it was tested, so {' and '.join(needed)} are needed; "
            f"not given: {', '.join(missing)}",
            fix="give the shorter side of the frames that it was trained with, and the file of its class names",
        )
    said = settings.model_dump(exclude_none=True, exclude={"min_score"})
    kept = usage.tracks if usage is not None else {}
    tracks = validated(TracksSettings, {**kept, **said}, str(path))
    model = for_inference(load_checkpoint(path), device, tracks.precision)
    if vocabulary is not None:
        names = {entry.id: entry.name for entry in read_vocabulary(vocabulary).classes}
    else:
        names = dict(zip(model.class_ids, usage.class_names, strict=True)) if usage is not None else {}
    unnamed = sorted(set(model.class_ids) - set(names))
    if unnamed:
        raise UserError(
            f"{vocabulary}: has no name for the model's classes {unnamed}",
            fix="give the vocabulary that the model was trained with",
        )
    with Path(path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Predictor(model, names, tracks, settings.min_score, digest)
