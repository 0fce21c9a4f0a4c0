import pytest

from tests.training.clips.painted import painted, write_painted
from uvis_core.config.clips import ClipSettings, JitterSettings
from uvis_core.config.training import TrainingSettings
from uvis_core.training.samples import LabelledFrames

SIZE = (32, 48)
STILL = ClipSettings(
    brightness=(1, 1), contrast=(1, 1), rotation_deg=0, crop_px=(64, 64), paste_scale=(1, 1), covered_share=1
)
"""Frames that all show the whole image as it is."""


@pytest.fixture(scope="session")
def images():
    """Two objects each, in colours of their own; the last image has none."""
    return [
        painted(SIZE, [(0, 0, 10, 10), (20, 30, 32, 48)]),
        painted(SIZE, [(4, 4, 12, 14), (14, 20, 24, 40)], first=2),
        painted(SIZE, [(24, 0, 32, 12), (0, 30, 9, 48)], first=4),
        painted(SIZE, []),
    ]


@pytest.fixture(scope="session")
def frames(tmp_path_factory, images):
    return LabelledFrames(write_painted(tmp_path_factory.mktemp("painted"), images, (0, 2, 4, 0)))


@pytest.fixture
def still():
    """What each of the data sets reads, in one: a configuration would have one recipe, and the block of that."""
    settings = TrainingSettings(steps=4, batch_size=4, short_sides_px=(32,), flip=0)
    return settings.model_copy(update={"clip": STILL, "jitter": JitterSettings(size_px=64)})
