"""Training variants that cannot be trained, and those that cannot start from each other."""

from pathlib import Path
from typing import Any

from tests.bad_inputs.case import BadInput, refusal
from tests.bad_inputs.configuration import MINVIS, embedded, with_value
from uvis_core.config.root import load_configuration

IMAGES = {"recipe": "image", "model": {"queries": 16}}
CLIPS_OF_IMAGES = {"recipe": "videocutler", "model": {"queries": 16}, "start": "images"}


def training_refused(what: str, variants: dict[str, Any], *words: str) -> BadInput:
    """Training variants, beside that of config.yaml, that cannot be trained; experiments name all of them."""

    def meet(folder: Path) -> str:
        values = embedded()
        values["training"]["variants"] |= variants
        for name in variants:
            values["experiments"][name] = {"labels": "full", "training": name, "tracks": "memory"}
            values["run"].append(name)
        return refusal(load_configuration, values)

    return BadInput(what, meet, "refused", ("configuration: training.variants.", *words, "fix:"))


CASES = [
    training_refused(
        "a start that is no variant",
        {"images": IMAGES, "video": CLIPS_OF_IMAGES | {"start": "image"}},
        "video.start: 'image' is not among",
        "did you mean 'images'?",
    ),
    training_refused(
        "a start from itself",
        {"video": CLIPS_OF_IMAGES | {"start": "video"}},
        "video.start: 'video' starts from this very variant: video from video",
        "take its key start out",
    ),
    training_refused(
        "starts in a circle",
        {"images": IMAGES | {"start": "video"}, "video": CLIPS_OF_IMAGES},
        "video.start: 'images' starts from this very variant",
        "images from video from images",
    ),
    training_refused(
        "a start that is a finished model",
        {"images": {"checkpoint": "models/model.safetensors"}, "video": CLIPS_OF_IMAGES},
        "video.start: 'images' is a finished model",
        "set initial to models/model.safetensors",
    ),
    training_refused(
        "a start of another size",
        {"images": IMAGES, "video": CLIPS_OF_IMAGES | {"model": {"queries": 20}}},
        "video.start: the network of 'images' has other sizes",
        "leave the block model out here",
    ),
    training_refused(
        "a start beside an initial model",
        {"images": IMAGES, "video": CLIPS_OF_IMAGES | {"initial": "models/model.safetensors"}},
        "video: start: 'images', but initial names a model to start from as well: models/model.safetensors",
        "take one of them out",
    ),
    training_refused(
        "settings of another recipe",
        {"images": IMAGES | {"clip": {"frames": 2}}},
        "images: clip: is read by recipe videocutler alone, but recipe is image",
        "set recipe to videocutler",
    ),
    BadInput(
        "a class-agnostic model that is to track",
        with_value(f"{MINVIS}.class_agnostic", True),
        "refused",
        ("experiments.uvis.training: 'minvis' is class_agnostic", "fix: name a variant that starts from it"),
    ),
]
