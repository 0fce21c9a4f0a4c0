import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.conftest import GOLDENS, ROOT
from tests.model.tiny import tiny_model
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.rle import decode_masks
from uvis_core.model.conversion import convert_minvis
from uvis_core.tracks.inference import best_predictions, track_video, upsample_masks

EXACT = TracksSettings(tracker="minvis", parked_masks="fp32")


def noise(frames, height=40, width=60):
    random = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (frames, 3, height, width), dtype=torch.uint8, generator=random)


def test_best_predictions_by_hand():
    logits = np.log(np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]))
    queries, classes, scores = best_predictions(logits, 3)
    assert (queries.tolist(), classes.tolist()) == ([1, 0, 0], [0, 1, 0])
    assert scores == pytest.approx([0.6, 0.5, 0.2])
    assert len(best_predictions(logits, 10)[0]) == 4


def test_upsampling_crops_the_padding():
    # Quarter-size logits of a 20 x 32 frame padded to 32 x 32: all foreground above the padding, none in it.
    logits = torch.full((1, 8, 8), -1.0)
    logits[:, :5] = 1.0
    masks = upsample_masks(logits, (20, 32), (40, 64))
    assert masks.shape == (1, 40, 64)
    assert masks.all()


@pytest.mark.parametrize("tracker", ["memory", "minvis"])
def test_windows_change_nothing(tracker):
    model, frames = tiny_model(), noise(6)
    settings = TracksSettings(tracker=tracker, parked_masks="fp32")
    whole = track_video(model, [frames], (40, 60), settings)
    windows = track_video(model, [frames[:1], frames[1:5], frames[5:]], (40, 60), settings)
    assert np.array_equal(whole.classes, windows.classes)
    assert whole.scores == pytest.approx(windows.scores, abs=1e-5)
    assert whole.masks == windows.masks


def test_weight_one_is_minvis():
    model, frames = tiny_model(), noise(6)
    minvis = track_video(model, [frames], (40, 60), EXACT)
    memory = track_video(
        model, [frames], (40, 60), TracksSettings(tracker="memory", memory_weight=1.0, parked_masks="fp32")
    )
    assert np.array_equal(minvis.scores, memory.scores)
    assert minvis.masks == memory.masks


def test_keeps_as_many_tracks_as_asked_for():
    tracks = track_video(tiny_model(), [noise(3)], (20, 30), TracksSettings(predictions=4))
    assert len(tracks.masks) == len(tracks.scores) == 4
    assert {len(masks) for masks in tracks.masks} == {3}
    assert (np.diff(tracks.scores) <= 0).all()
    assert decode_masks(tracks.masks[0], 20, 30).shape == (3, 20, 30)


@pytest.fixture(scope="module")
def golden(tmp_path_factory):
    folder = GOLDENS / "minvis" / "small"
    model = convert_minvis(folder / "checkpoint.pth", tmp_path_factory.mktemp("golden"))
    frames = torch.from_numpy(np.load(folder / "frames.npz")["frames"]).permute(0, 3, 1, 2)
    return model, frames, json.loads((folder / "expected.json").read_text())


def test_video_comes_out_as_minvis_has_it(golden):
    model, frames, expected = golden
    size = expected["output_height"], expected["output_width"]
    tracks = track_video(model, [frames[:4], frames[4:]], size, EXACT)
    assert tracks.classes.tolist() == [track["label"] for track in expected["top10"]]
    assert tracks.scores == pytest.approx([track["score"] for track in expected["top10"]], abs=1e-5)
    for masks, track in zip(tracks.masks, expected["top10"], strict=True):
        assert masks == [segmentation["counts"] for segmentation in track["segmentations"]]


def test_half_precision_moves_hardly_a_pixel(golden):
    model, frames, expected = golden
    size = expected["output_height"], expected["output_width"]
    tracks = track_video(model, [frames], size, TracksSettings(tracker="minvis"))
    for masks, track in zip(tracks.masks, expected["top10"], strict=True):
        exact = decode_masks([segmentation["counts"] for segmentation in track["segmentations"]], *size)
        assert (decode_masks(masks, *size) != exact).mean() < 1e-4


PEAKS = """
import resource, sys, torch
from tests.model.tiny import TINY
from uvis_core.config.tracks import TracksSettings
from uvis_core.model.minvis import MinVIS
from uvis_core.tracks.inference import track_video

model = MinVIS(TINY.model_copy(update={"queries": 80}), (1, 2))
random = torch.Generator().manual_seed(0)
for windows in (3, 100):
    frames = (torch.randint(0, 256, (20, 3, 64, 64), dtype=torch.uint8, generator=random) for _ in range(windows))
    track_video(model, frames, (64, 64), TracksSettings(tracker=sys.argv[1], predictions=2))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("tracker", ["memory", "clip"])
def test_memory_does_not_grow_with_the_video(tracker):
    # First 60 frames, then 2,000, whose low-resolution masks alone take 80 MB; in a process of their own, because
    # only its highest mark can be read.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PEAKS, tracker]
    output = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)
    short_mb, long_mb = map(int, output.split())
    assert long_mb < short_mb + 40
