import pytest

from uvis_core.config.base import validated
from uvis_core.config.clips import ClipSettings, JitterSettings
from uvis_core.config.training import TrainingSettings
from uvis_core.io.errors import UserError


def test_the_defaults_are_those_published():
    assert TrainingSettings().clip == ClipSettings(
        frames=3,
        long_side_px=1333,
        brightness=(0.9, 1.1),
        contrast=(0.9, 1.1),
        rotation_deg=15,
        rotation_centre=(0.4, 0.6),
        crop_px=(600, 720),
        paste_scale=(0.8, 1.0),
        covered_share=0.5,
    )
    assert TrainingSettings().jitter == JitterSettings(scale=(0.1, 2.0), size_px=896)


@pytest.mark.parametrize("key", ["brightness", "contrast", "rotation_centre", "paste_scale"])
def test_a_range_ascends(key):
    with pytest.raises(UserError, match=rf"clip\.{key}.*\[0\.9, 0\.5\] ends below where it begins") as caught:
        validated(TrainingSettings, {"clip": {key: [0.9, 0.5]}}, "config.yaml")
    assert "[0.5, 0.9]" in caught.value.fix


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"clip": {"frames": 1}}, "clip.frames"),
        ({"clip": {"paste_scale": [0, 1]}}, "clip.paste_scale"),
        ({"clip": {"paste_scale": [0.5, 1.5]}}, "clip.paste_scale"),
        ({"clip": {"covered_share": 0}}, "clip.covered_share"),
        ({"clip": {"crop_px": [720, 600]}}, "[720, 600] ends below"),
        ({"clip": {"crop_px": [600]}}, "clip.crop_px"),
        ({"clip": {"rotation_deg": -1}}, "clip.rotation_deg"),
        ({"jitter": {"scale": [2, 1]}}, "jitter.scale"),
        ({"jitter": {"size_px": 0}}, "jitter.size_px"),
        ({"clip": {"flip": 0.5}}, "clip.flip"),
    ],
)
def test_wrong_values_are_named(values, words):
    with pytest.raises(UserError) as caught:
        validated(TrainingSettings, values, "config.yaml")
    assert words in caught.value.message
