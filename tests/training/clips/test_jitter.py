import pickle

import pytest
import torch

from tests.training.clips.conftest import SIZE
from tests.training.clips.painted import assert_moved_together
from uvis_core.config.clips import JitterSettings
from uvis_core.training.clips.dataset import PADDING
from uvis_core.training.clips.jitter import JitteredSamples


def jittered(frames, settings, seed=0, **keys):
    jitter = JitterSettings(**{"size_px": 64, **keys})
    return JitteredSamples(frames, settings.model_copy(update={"jitter": jitter}), seed)


def test_the_published_scale_and_canvas():
    assert JitterSettings() == JitterSettings(scale=(0.1, 2.0), size_px=896)


@pytest.mark.parametrize(("scale", "size"), [(0.5, (21, 32)), (1.0, (43, 64)), (1.5, (64, 64))])
def test_the_longer_side_is_scaled_to_the_canvas(frames, still, scale, size):
    samples = jittered(frames, still, scale=(scale, scale))
    for sample in map(samples.__getitem__, range(8)):
        assert sample.image.shape == (3, 64, 64)
        image = sample.image.permute(1, 2, 0).numpy()
        assert (image[size[0] :] == PADDING).all()
        assert (image[:, size[1] :] == PADDING).all()
        assert not (image[: size[0], : size[1]] == PADDING).all(-1).any()
        assert not sample.masks[:, size[0] :].any()
        assert not sample.masks[:, :, size[1] :].any()


def test_scales_fill_their_range(frames, still):
    samples = jittered(frames, still, scale=(0.2, 1.0))
    heights = [
        int((sample.image != torch.from_numpy(PADDING)[:, None, None]).any(0).any(1).sum())
        for sample in map(samples.__getitem__, range(80))
    ]
    most = 64 * SIZE[0] / SIZE[1]
    assert 0.2 * most - 1 <= min(heights) < 0.3 * most
    assert 0.9 * most < max(heights) <= most + 1


def test_image_and_masks_move_together(frames, still):
    cropped = 0
    samples = jittered(frames, still.model_copy(update={"flip": 0.5}), scale=(0.2, 2.0))
    for sample in map(samples.__getitem__, range(40)):
        assert sample.masks.dtype == sample.image.dtype == torch.uint8
        assert sample.classes.dtype == torch.int64
        assert sample.masks.shape == (len(sample.classes), 64, 64)
        assert sample.masks.flatten(1).any(1).all()
        pixels = sample.image.permute(1, 2, 0).numpy()
        assert_moved_together(pixels, sample.masks.numpy(), sample.classes.tolist(), reach=4)
        number = int(sample.file[-5])
        cropped += len(sample.classes) < len(frames.frame(number, 0).classes)
    assert cropped > 0


def test_a_large_image_is_cropped_at_random_places(frames, still):
    samples = jittered(frames, still, scale=(2.0, 2.0))
    found = {sample.image.numpy().tobytes() for sample in map(samples.__getitem__, range(12))}
    assert len(found) > 6  # of four images


def test_the_padded_size_is_that_of_the_canvas(frames, still):
    assert jittered(frames, still).size(0) == (64, 64)
    assert jittered(frames, still, size_px=70).size(3) == (96, 96)


def test_a_sample_depends_on_seed_and_index_alone(frames, still):
    samples = jittered(frames, still)
    again = pickle.loads(pickle.dumps(samples))
    assert all(torch.equal(samples[index].image, again[index].image) for index in (6, 1))
    other = jittered(frames, still, seed=1)
    assert any(not torch.equal(samples[index].image, other[index].image) for index in range(4))
