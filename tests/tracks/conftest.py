import numpy as np
import pytest
from hypothesis import settings

from tests.model.tiny import tiny_model
from uvis_core.io.images import write_image
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.tables import write_table
from uvis_core.model.checkpoint import save_checkpoint

HEIGHT, WIDTH = 40, 60


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    save_checkpoint(tiny_model((3, 8)), path)
    return path


def write_frames(folder, lengths, size=(HEIGHT, WIDTH)):
    """Noise videos and their table of frames; frame indices are even, rows in reverse order."""
    random = np.random.default_rng(0)
    columns = {
        name: [] for name in ("video_id", "frame_index", "path", "height_px", "width_px", "timestamp_s")
    }
    for video_id, length in lengths.items():
        for frame in reversed(range(length)):
            path = folder / video_id / f"{frame}.png"
            write_image(path, random.integers(0, 256, (*size, 3), dtype=np.uint8))
            row = (video_id, 2 * frame, str(path), *size, frame / 5)
            for name, value in zip(columns, row, strict=True):
                columns[name].append(value)
    write_table(folder / "frames.parquet", FRAMES, columns)
    return folder / "frames.parquet"


@pytest.fixture(scope="session")
def frames(tmp_path_factory):
    return write_frames(tmp_path_factory.mktemp("frames"), {"b": 5, "a": 3})


settings.register_profile("quick", max_examples=40, deadline=None)
settings.load_profile("quick")
