import json

import numpy as np
import pytest

from tests.model.tiny import TINY, tiny_model
from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks
from uvis_core.model.checkpoint import save_checkpoint

HEIGHT, WIDTH, FRAMES = 64, 96, 2


def square(top: int, left: int, side: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[top : top + side, left : left + side] = True
    return mask


def annotation(number: int, video: int, category: int, frame: int, mask: np.ndarray) -> dict:
    segmentations = [None] * FRAMES
    segmentations[frame] = {"size": [HEIGHT, WIDTH], "counts": encode_masks(mask[None])[0]}
    return {"id": number, "video_id": video, "category_id": category, "segmentations": segmentations}


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Three videos of two frames with squares of classes 4 and 7; the last frame has no label."""
    root = tmp_path_factory.mktemp("world")
    random = np.random.default_rng(0)
    videos, annotations = [], []
    for video in (1, 2, 3):
        names = [f"video-{video}/{frame:05d}.png" for frame in range(FRAMES)]
        videos.append({"id": video, "height": HEIGHT, "width": WIDTH, "length": FRAMES, "file_names": names})
        for frame, name in enumerate(names):
            image = random.integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            masks = [square(8 * video, 4 + 10 * frame, 20), square(30, 60 - 8 * video, 24)]
            for category, mask in zip((4, 7), masks, strict=True):
                image[mask] = (200, 40, 40) if category == 4 else (40, 200, 40)
                if (video, frame) != (3, 1):
                    annotations.append(annotation(len(annotations) + 1, video, category, frame, mask))
            write_image(root / name, image)
    categories = [{"id": 7, "name": "green"}, {"id": 4, "name": "red"}]
    content = {"info": {}, "videos": videos, "categories": categories, "annotations": annotations}
    (root / "labels.json").write_text(json.dumps(content))
    save_checkpoint(tiny_model((1,)), root / "initial" / "model.safetensors")
    return root


@pytest.fixture(scope="session")
def settings(world):
    return TrainingSettings(
        steps=6,
        checkpoint_steps=2,
        batch_size=2,
        learning_rate=1e-3,
        clip_norm=1.0,
        warmup_steps=2,
        decay_steps=(4,),
        short_sides_px=(32, 64),
        initial=str(world / "initial" / "model.safetensors"),
        model=TINY,
        loss=LossSettings(points=64),
    )
