"""The generated videos against real ones, in what can be measured on both."""

import cv2
import numpy as np
import pytest

from uvis_core.config.toy import ToySettings
from uvis_core.toy.render import render_frame
from uvis_core.toy.shapes import CLASSES
from uvis_core.toy.split import video_scene

DAVIS_STEP = 4
"""Every fourth frame of DAVIS (24 per second): the toy world has 6 per second."""


def surprises(masks):
    """How far each thing ends up from where it would be at constant speed, in heights of its box."""
    boxes = []
    for mask in masks:
        ys, xs = np.nonzero(mask)
        box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1) if len(xs) > 20 else None
        boxes.append(None if box is None else np.array(box, float))
    found = []
    for before, now, after in zip(boxes, boxes[1:], boxes[2:], strict=False):
        if before is not None and now is not None and after is not None:
            bend = (after - 2 * now + before).reshape(2, 2).mean(axis=0)
            found.append(np.hypot(*bend) / (now[3] - now[1]))
    return found


def test_videos_show_as_many_things_of_the_vocabulary_as_in_youtube_vis():
    shown = [
        sum(thing.kind < len(CLASSES) for thing in video_scene("train", number, ToySettings()).things)
        for number in range(120)
    ]
    assert set(shown) == {1, 2, 3}
    assert np.mean(shown) == pytest.approx(4883 / 2883, abs=0.15)


@pytest.fixture(scope="module")
def of_davis(request):
    shared = request.getfixturevalue("shared")
    folder = shared / "real" / "davis" / "Annotations" / "480p"
    if not folder.is_dir():
        pytest.skip(f"DAVIS annotations not found at {folder}")
    found = []
    for clip in sorted(folder.iterdir()):
        frames = sorted(clip.glob("*.png"))[::DAVIS_STEP]
        found += surprises([cv2.imread(str(frame), cv2.IMREAD_GRAYSCALE) for frame in frames])
    return found


def of_toy(settings):
    found = []
    for number in range(40):
        scene = video_scene("test", number, settings)
        frames = [render_frame(scene, moment).masks for moment in range(settings.frames)]
        for place, thing in enumerate(scene.things):
            if thing.kind < len(CLASSES):
                found += surprises([masks[place] for masks in frames])
    return found


def test_things_move_as_unpredictably_as_in_davis(of_davis):
    toy, real = np.array(of_toy(ToySettings())), np.array(of_davis)
    for share in (0.5, 0.9):
        assert np.quantile(toy, share) == pytest.approx(np.quantile(real, share), rel=0.35)
    assert np.median(of_toy(ToySettings(shake_px=0))) < 0.5 * np.median(real)
