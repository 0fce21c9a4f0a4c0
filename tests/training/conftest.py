import numpy as np
import pytest

from tests.model.tiny import TINY, tiny_model
from tests.training.made import frame, write_frames
from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks
from uvis_core.model.checkpoint import save_checkpoint

HEIGHT, WIDTH, FRAMES = 64, 96, 2


def square(top: int, left: int, side: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[top : top + side, left : left + side] = True
    return mask


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Three videos of two frames with squares of classes 4 and 7; the last frame has no label."""
    root = tmp_path_factory.mktemp("world")
    random = np.random.default_rng(0)
    rows = []
    for video in range(3):
        for place in range(FRAMES):
            path = root / f"video-{video}/{place:05d}.png"
            image = random.integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            masks = np.stack([square(8 + 8 * video, 4 + 10 * place, 20), square(30, 52 - 8 * video, 24)])
            image[masks[0]], image[masks[1]] = (200, 40, 40), (40, 200, 40)
            write_image(path, image)
            labels = zip((4, 7), encode_masks(masks), strict=True) if (video, place) != (2, 1) else ()
            rows.append(frame(video, place, str(path), (HEIGHT, WIDTH), list(labels)))
    write_frames(root / "samples.arrow", rows, class_ids=(7, 4))
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
