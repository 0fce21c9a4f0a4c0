import numpy as np
import pyarrow as pa
import pytest
import torch

from uvis_core.config.masks import DetectorModel, MasksSettings
from uvis_core.io.images import write_image
from uvis_core.io.weights import write_state_dict
from uvis_core.masks.cascade import build_detector

SMALL = DetectorModel(
    stem_channels=8,
    res2_channels=16,
    width_per_group=4,
    fpn_channels=8,
    fc_dim=16,
    mask_channels=8,
    mask_convs=1,
    anchor_sizes_px=(16, 24, 32, 48, 64),
    proposals=20,
    min_size_px=64,
    max_size_px=96,
)


@pytest.fixture(scope="session")
def small_settings(tmp_path_factory):
    """A random detector that finds something: its scores lie around a half."""
    torch.manual_seed(0)
    detector = build_detector(SMALL)
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    state = detector.state_dict()
    state["roi_heads.mask_head.predictor.bias"] += 0.05
    write_state_dict(path, state)
    return MasksSettings(weights=str(path), objectness_floor=0.2, max_masks_per_frame=5, model=SMALL)


@pytest.fixture
def frames_of(tmp_path):
    """Make noise frames; takes {video id: (frames, height, width)} and gives the table of frames."""

    def make(videos):
        rng = np.random.default_rng(0)
        rows = []
        for video_id, (count, height, width) in videos.items():
            for index in range(count):
                path = tmp_path / f"{video_id}-{index}.png"
                write_image(path, rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
                row = {
                    "video_id": video_id,
                    "frame_index": index,
                    "path": str(path),
                    "timestamp_s": index / 5,
                }
                rows.append({**row, "height_px": height, "width_px": width})
        return pa.Table.from_pylist(rows)

    return make
