import pickle
from collections import Counter

import pytest
import torch
from uvis_core.training.annotations import LabelledVideo, LabelledVideos, read_labels

from tests.training.conftest import HEIGHT, WIDTH
from uvis_core.io.errors import UserError
from uvis_core.training.dataset import FrameSamples, resize_masks, sample_loader


@pytest.fixture
def samples(world, settings):
    return FrameSamples(read_labels(world / "labels.json"), world, settings, seed=3)


def test_every_pass_visits_all_videos_once(samples):
    files = [samples.video(index).files[0] for index in range(30)]
    for start in range(0, 30, 3):
        assert len(set(files[start : start + 3])) == 3
    assert len({tuple(files[start : start + 3]) for start in range(0, 30, 3)}) > 1


def test_both_frames_are_drawn_and_unlabelled_ones_kept(samples):
    found = Counter((sample.file[-17:], len(sample.classes)) for sample in map(samples.sample, range(60)))
    assert found["video-3/00001.png", 0] > 0
    assert found["video-3/00000.png", 2] > 0
    assert len(found) == 6


def test_sample_depends_on_its_index_alone(samples):
    # A copy as a worker process gets it; the bytes are made right here.
    first, again = samples.sample(7), pickle.loads(pickle.dumps(samples)).sample(7)
    assert first.file == again.file
    assert torch.equal(first.image, again.image)
    assert torch.equal(first.masks, again.masks)


def test_mask_covers_its_object_in_every_augmentation(samples):
    for sample in map(samples.sample, range(20)):
        for mask, index in zip(sample.masks.bool(), sample.classes.tolist(), strict=True):
            colour = sample.image[:, mask].float().mean(1)
            assert colour[index] > 150  # class 0 is red, class 1 is green
            assert colour[2] < 60


def test_frames_of_a_step_share_one_scale(samples):
    sizes = {
        step: {samples.sample(2 * step + place).image.shape[1] for place in range(2)} for step in range(20)
    }
    assert all(len(heights) == 1 for heights in sizes.values())
    assert {height for heights in sizes.values() for height in heights} == {32, 64}


def test_mirrored_frames_occur(samples, settings):
    plain = FrameSamples(
        samples.labels, samples.image_root, settings.model_copy(update={"flip": 0.0}), seed=3
    )
    flipped = 0
    for index in range(12):
        first, second = samples.sample(index), plain.sample(index)
        assert torch.equal(first.image, second.image) or torch.equal(first.image, second.image.flip(-1))
        flipped += not torch.equal(first.image, second.image)
    assert 0 < flipped < 12


def test_two_processes_share_the_batches_of_one(samples):
    alone = [[sample.index for sample in batch.samples] for batch in sample_loader(samples, 2)]
    shares = [
        [
            [sample.index for sample in batch.samples]
            for batch in sample_loader(samples, 2, rank=rank, processes=2)
        ]
        for rank in range(2)
    ]
    assert alone == [first + second for first, second in zip(*shares, strict=True)]
    assert alone[0] == [4, 5]


def test_padding_is_that_of_the_global_batch(settings):
    portrait = LabelledVideo(96, 64, ("a",), {})
    landscape = LabelledVideo(64, 96, ("b",), {})
    fixed = settings.model_copy(update={"short_sides_px": (64,)})
    samples = FrameSamples(LabelledVideos((1,), (portrait, landscape)), "", fixed, seed=0)
    assert samples.size(0) == (96, 96)


def test_batch_must_be_divisible(samples):
    with pytest.raises(UserError, match="2 frames cannot be divided among 3 processes"):
        next(sample_loader(samples, 0, processes=3))


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_frame_is_named(settings, workers):
    labels = LabelledVideos((1,), (LabelledVideo(HEIGHT, WIDTH, ("nowhere.png",), {}),))
    with pytest.raises(UserError, match=r"nowhere\.png.*missing"):
        next(sample_loader(FrameSamples(labels, "", settings, seed=0), 0, workers=workers))


def test_frame_of_another_size_is_named(world, settings):
    labels = LabelledVideos((1,), (LabelledVideo(10, 10, ("video-1/00000.png",), {}),))
    with pytest.raises(UserError, match="is 64 x 96, but the labels say 10 x 10"):
        FrameSamples(labels, world, settings, seed=0).sample(0)


def test_masks_are_resized_by_the_nearest_pixel():
    mask = torch.tensor([[[True, False], [False, False]]])
    assert resize_masks(mask, (4, 4))[0].int().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0] * 4, [0] * 4]
    assert resize_masks(torch.zeros((0, 2, 2), dtype=torch.bool), (4, 6)).shape == (0, 4, 6)


def test_seeds_differ(samples, settings):
    other = FrameSamples(samples.labels, samples.image_root, settings, seed=4)
    drawn = [[one.sample(index).file for index in range(12)] for one in (samples, other)]
    assert drawn[0] != drawn[1]
    orders = [[one.video(index).files for index in range(30)] for one in (samples, other)]
    assert orders[0] != orders[1]
