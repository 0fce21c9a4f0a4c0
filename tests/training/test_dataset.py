import multiprocessing
import pickle
import tracemalloc
from collections import Counter

import pytest
import torch

from tests.training.conftest import HEIGHT, WIDTH
from tests.training.made import frame, write_frames
from uvis_core.io.errors import UserError
from uvis_core.training.dataset import FrameSamples, StepIndices, resize_masks, sample_loader
from uvis_core.training.samples import LabelledFrames


@pytest.fixture
def samples(world, settings):
    return FrameSamples(LabelledFrames(world / "samples.arrow"), settings, seed=3)


def test_every_pass_visits_all_videos_once(samples):
    videos = [samples.video(index) for index in range(30)]
    for start in range(0, 30, 3):
        assert set(videos[start : start + 3]) == {0, 1, 2}
    assert len({tuple(videos[start : start + 3]) for start in range(0, 30, 3)}) > 1


def test_both_frames_are_drawn_and_unlabelled_ones_kept(samples):
    found = Counter(
        (sample.file[-17:], len(sample.classes)) for sample in map(samples.__getitem__, range(60))
    )
    assert found["video-2/00001.png", 0] > 0
    assert found["video-2/00000.png", 2] > 0
    assert len(found) == 6


def test_sample_depends_on_its_index_alone(samples):
    # A copy as a worker process gets it; the bytes are made right here.
    first, again = samples[7], pickle.loads(pickle.dumps(samples))[7]
    assert first.file == again.file
    assert torch.equal(first.image, again.image)
    assert torch.equal(first.masks, again.masks)


def test_mask_covers_its_object_in_every_augmentation(samples):
    for sample in map(samples.__getitem__, range(20)):
        for mask, index in zip(sample.masks.bool(), sample.classes.tolist(), strict=True):
            colour = sample.image[:, mask].float().mean(1)
            assert colour[index] > 150  # class 0 is red, class 1 is green
            assert colour[2] < 60


def test_frames_of_a_step_share_one_scale(samples):
    sizes = {step: {samples[2 * step + place].image.shape[1] for place in range(2)} for step in range(20)}
    assert all(len(heights) == 1 for heights in sizes.values())
    assert {height for heights in sizes.values() for height in heights} == {32, 64}


def test_mirrored_frames_occur(samples, settings):
    plain = FrameSamples(samples.frames, settings.model_copy(update={"flip": 0.0}), seed=3)
    flipped = 0
    for index in range(12):
        first, second = samples[index], plain[index]
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


def test_padding_is_that_of_the_global_batch(settings, tmp_path):
    rows = [frame(0, 0, "a", (96, 64)), frame(1, 0, "b", (64, 96))]
    fixed = settings.model_copy(update={"short_sides_px": (64,)})
    samples = FrameSamples(LabelledFrames(write_frames(tmp_path / "s.arrow", rows)), fixed, seed=0)
    assert samples.size(0) == (96, 96)


def test_batch_must_be_divisible(samples):
    with pytest.raises(UserError, match="2 frames cannot be divided among 3 processes"):
        next(sample_loader(samples, 0, processes=3))


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_frame_is_named(settings, tmp_path, workers):
    frames = LabelledFrames(write_frames(tmp_path / "s.arrow", [frame(0, 0, "nowhere.png", (HEIGHT, WIDTH))]))
    with pytest.raises(UserError, match=r"nowhere\.png.*missing"):
        next(sample_loader(FrameSamples(frames, settings, seed=0), 0, workers=workers))


def test_frame_of_another_size_is_named(world, settings, tmp_path):
    row = frame(0, 0, str(world / "video-1/00000.png"), (10, 10))
    with pytest.raises(UserError, match="is 64 x 96, but the labels say 10 x 10"):
        FrameSamples(LabelledFrames(write_frames(tmp_path / "s.arrow", [row])), settings, seed=0)[0]


def test_masks_are_resized_by_the_nearest_pixel():
    mask = torch.tensor([[[True, False], [False, False]]])
    assert resize_masks(mask, (4, 4))[0].int().tolist() == [[1, 1, 0, 0], [1, 1, 0, 0], [0] * 4, [0] * 4]
    assert resize_masks(torch.zeros((0, 2, 2), dtype=torch.bool), (4, 6)).shape == (0, 4, 6)


def test_seeds_differ(samples):
    other = FrameSamples(samples.frames, samples.settings, seed=4)
    first, second = ([one.drawn(index)[0].path for index in range(12)] for one in (samples, other))
    assert first != second
    orders = [[one.video(index) for index in range(30)] for one in (samples, other)]
    assert orders[0] != orders[1]


def test_passes_are_shuffled_anew(world, settings, tmp_path):
    rows = [frame(video, 0, "a", (HEIGHT, WIDTH)) for video in range(30)]
    many = FrameSamples(LabelledFrames(write_frames(tmp_path / "s.arrow", rows)), settings, seed=3)
    one, two = ([many.video(30 * lap + place) for place in range(30)] for lap in (0, 1))
    assert sorted(one) == sorted(two) == list(range(30))
    assert one != two


def drawn(samples, indices):
    """What a process draws: path, mirrored, classes and run lengths of each sample."""
    found = [samples.drawn(index) for index in indices]
    return [
        (frame.path, flipped, frame.classes.tolist(), tuple(frame.rle_counts)) for frame, flipped in found
    ]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_draw_the_same(samples, method):
    with multiprocessing.get_context(method).Pool(2) as pool:
        shares = pool.starmap(drawn, [(samples, range(0, 8)), (samples, range(8, 16))])
    assert shares[0] + shares[1] == drawn(samples, range(16))


@pytest.mark.parametrize("workers", [0, 1, 2])
@pytest.mark.parametrize("processes", [1, 2])
def test_batches_of_a_seed_are_the_same_whatever_draws_them(samples, workers, processes):
    shares = [
        sample_loader(samples, 2, rank=rank, processes=processes, workers=workers)
        for rank in range(processes)
    ]
    for step, parts in enumerate(zip(*shares, strict=True), start=2):
        assert {part.size for part in parts} == {samples.size(step)}
        together = [sample for part in parts for sample in part.samples]
        for index, found in zip(range(2 * step, 2 * step + 2), together, strict=True):
            expected = samples[index]
            assert (found.index, found.file) == (expected.index, expected.file)
            for name in ("image", "masks", "classes"):
                assert torch.equal(getattr(found, name), getattr(expected, name))
    assert step == 5


def test_indices_of_a_long_run_are_not_listed():
    tracemalloc.start()
    batches = StepIndices(range(10, 10**7), 32, rank=1, processes=4)
    assert len(batches) == 10**7 - 10
    assert list(next(iter(batches))) == list(range(328, 336))
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()
