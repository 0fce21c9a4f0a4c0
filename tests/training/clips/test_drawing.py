import numpy as np
import pytest

from tests.training.clips.conftest import SIZE
from uvis_core.training.clips.dataset import ClipSamples
from uvis_core.training.clips.drawing import GAP_PX, draw_clips


@pytest.mark.parametrize(("count", "columns", "rows"), [(4, 2, 2), (3, 2, 2), (3, 3, 1), (1, 1, 1)])
def test_clips_stand_in_reading_order(frames, still, count, columns, rows):
    picture = draw_clips(ClipSamples(frames, still, seed=0), count, height_px=16, columns=columns)
    height, width = 16 + GAP_PX, 3 * 24 + GAP_PX
    assert picture.shape == (rows * height - GAP_PX, columns * width - GAP_PX, 3)
    assert picture.dtype == np.uint8
    places = [((place // columns) * height, (place % columns) * width) for place in range(rows * columns)]
    # What is left free in the last row is white.
    whites = [(picture[top : top + 16, left : left + 72] == 255).all() for top, left in places]
    assert whites == [place >= count for place in range(rows * columns)]


def test_objects_are_drawn_in_colours_of_their_own(frames, still):
    samples = ClipSamples(frames, still.model_copy(update={"batch_size": 1}), seed=0)
    index = next(place for place in range(8) if len(samples[place].classes) == 2)
    sample = samples[index]
    # The first clip of a data set is drawn first; at its own size, only the masks are changed.
    alone = ClipSamples(frames, samples.settings, seed=0)
    picture = draw_clips(alone, index + 1, height_px=SIZE[0], columns=1)
    clip = picture[index * (SIZE[0] + GAP_PX) :][: SIZE[0], : SIZE[1]]
    plain = sample.image[0].permute(1, 2, 0).numpy()
    changed = (clip != plain).any(-1)
    assert all(changed[mask[0].numpy().astype(bool)].all() for mask in sample.masks)
    assert not changed[12:18].any()
