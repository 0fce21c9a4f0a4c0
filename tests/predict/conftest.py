import numpy as np
import pytest

from tests.model.tiny import tiny_model
from uvis_core.io.video import write_video
from uvis_core.model.checkpoint import save_checkpoint
from uvis_core.model.usage import ModelUsage

HEIGHT, WIDTH, FPS = 48, 64, 10
TESTED = {"tracker": "memory", "memory_weight": 0.25, "short_side_px": 32, "predictions": 4}


def make_video(path, frames, seed=0):
    """A square that moves over noise."""
    random = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)

    def pictures():
        for frame in range(frames):
            image = random.integers(0, 60, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            image[10:30, frame % 40 : frame % 40 + 20] = (200, 60, 40)
            yield image

    write_video(path, pictures(), FPS)
    return path


@pytest.fixture(scope="session")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    make_video(folder / "one.mp4", 14)
    make_video(folder / "more" / "two.mp4", 5, seed=1)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    save_checkpoint(tiny_model((3, 8)), path, ModelUsage(class_names=("star", "ring"), tracks=TESTED))
    return path
