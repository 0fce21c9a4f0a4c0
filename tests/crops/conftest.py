import json

import numpy as np
import pyarrow as pa
import pytest
import torch

from uvis_core.config.crops import CropsSettings
from uvis_core.crops.clip import build_clip
from uvis_core.io.images import write_image
from uvis_core.io.rle import encode_masks
from uvis_core.io.vocabulary import Vocabulary
from uvis_core.io.weights import write_state_dict

TINY = {
    "embed_dim": 8,
    "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 16, "layers": 1, "head_width": 8},
    "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1},
}


@pytest.fixture(scope="session")
def tiny_settings(tmp_path_factory):
    """A random model of open_clip's architecture, with its configuration and weights in files."""
    folder = tmp_path_factory.mktemp("clip")
    (folder / "tiny-for-tests.json").write_text(json.dumps(TINY))
    torch.manual_seed(0)
    clip = build_clip(str(folder / "tiny-for-tests.json"))
    write_state_dict(folder / "tiny.safetensors", clip.model.state_dict())
    return CropsSettings(
        model=str(folder / "tiny-for-tests.json"), weights=str(folder / "tiny.safetensors"), margin=0, top_k=2
    )


@pytest.fixture(scope="session")
def vocabulary():
    return Vocabulary.model_validate(
        {
            "classes": [
                {"id": 3, "name": "star", "aliases": ["pointed star"]},
                {"id": 1, "name": "ring", "prompts": ["a {}"]},
                {"id": 9, "name": "plus_sign"},
            ]
        }
    )


@pytest.fixture
def tables(tmp_path):
    """Tables of frames and masks: five frames of two videos, with 2, 0, 3, 1 and 1 masks."""
    rng = np.random.default_rng(0)
    frames, masks = [], []
    places = [("a", 0, 2), ("a", 1, 0), ("a", 2, 3), ("b", 0, 1), ("b", 1, 1)]
    for video_id, index, number in places:
        height, width = (20, 30) if video_id == "a" else (25, 16)
        path = tmp_path / f"{video_id}-{index}.png"
        write_image(path, rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
        key = {"video_id": video_id, "frame_index": index, "height_px": height, "width_px": width}
        frames.append({**key, "path": str(path), "timestamp_s": 0.0})
        for rank in range(number):
            pixels = np.zeros((1, height, width), dtype=bool)
            pixels[0, 2 + rank : 12, 3 : 9 + rank] = True
            (counts,) = encode_masks(pixels)
            box = [3.0, 2.0 + rank, 9.0 + rank, 12.0]
            mask = {
                "mask_id": len(masks),
                "rle_counts": counts,
                "box_xyxy_px": box,
                "area_px": int(pixels.sum()),
            }
            masks.append({**key, **mask, "objectness": 0.5})
    table = pa.Table.from_pylist(masks)
    boxes = pa.array(table["box_xyxy_px"].to_pylist(), pa.list_(pa.float32(), 4))
    position = table.schema.get_field_index("box_xyxy_px")
    return table.set_column(position, "box_xyxy_px", boxes), pa.Table.from_pylist(frames)
