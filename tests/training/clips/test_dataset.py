import pickle
from collections import Counter

import pytest
import torch

from tests.training.clips.conftest import SIZE, STILL
from tests.training.clips.painted import COLOURS, assert_moved_together, painted, write_painted
from tests.training.made import frame, write_frames
from uvis_core.config.clips import ClipSettings
from uvis_core.model.images import padded_size
from uvis_core.training.clips.dataset import PADDING, ClipSamples
from uvis_core.training.dataset import FrameSamples, sample_loader
from uvis_core.training.samples import LabelledFrames

PUBLISHED = ClipSettings(crop_px=(40, 56))
"""As published, but for images of this size."""


def of(settings, **keys):
    return settings.model_copy(update=keys)


def seen_of(sample):
    """Pixels (T, H, W, 3) and masks (N, T, H, W) as arrays."""
    return sample.image.permute(0, 2, 3, 1).numpy(), sample.masks.numpy().astype(bool)


def own(sample, frames):
    """The classes of a sample's own image."""
    number = int(sample.file.split("/")[-1].removesuffix(".png"))
    return frames.frame(number, 0).classes.tolist()


def test_a_clip_has_the_shapes_that_a_video_model_takes(frames, still):
    sample = ClipSamples(frames, still, seed=0)[0]
    assert sample.image.shape == (3, 3, *SIZE)
    assert sample.image.dtype == sample.masks.dtype == torch.uint8
    assert sample.masks.shape == (len(sample.classes), 3, *SIZE)
    assert sample.classes.dtype == torch.int64
    two = of(still, clip=of(STILL, frames=2))
    assert ClipSamples(frames, two, seed=0)[0].image.shape == (2, 3, *SIZE)


def test_images_are_drawn_as_single_frames_are(frames, still):
    clips, single = ClipSamples(frames, still, seed=5), FrameSamples(frames, still, seed=5)
    assert [clips[index].file for index in range(8)] == [single[index].file for index in range(8)]


def test_without_change_every_mask_is_exactly_its_object(frames, still):
    for sample in map(ClipSamples(frames, still, seed=0).__getitem__, range(16)):
        pixels, masks = seen_of(sample)
        for mask, colour in zip(masks, sample.classes.tolist(), strict=True):
            assert (mask == (pixels == COLOURS[colour]).all(-1)).all()
        assert ((pixels > 0).any(-1) == masks.any(0)).all()


def test_image_and_masks_move_together_in_every_frame(frames, still):
    # Brightness and contrast would change the colours by which objects are known here.
    clip = of(PUBLISHED, brightness=(1, 1), contrast=(1, 1))
    settings = of(still, clip=clip, short_sides_px=(32, 64), flip=0.5)
    occluded = 0
    for sample in map(ClipSamples(frames, settings, seed=0).__getitem__, range(16)):
        pixels, masks = seen_of(sample)
        # Four images are mixed at an edge, of the enlarged and of the scaled and turned one.
        for mask, colour in zip(masks, sample.classes.tolist(), strict=True):
            for shown, part in zip(pixels, mask, strict=True):
                assert_moved_together(shown, part[None], [colour], reach=5)
        assert masks.sum(0).max() <= 1
        occluded += len(sample.classes) > len(own(sample, frames))
    assert occluded > 4


def test_objects_of_one_other_image_are_pasted_with_their_classes(frames, still):
    found = Counter()
    for sample in map(ClipSamples(frames, still, seed=0).__getitem__, range(40)):
        mine, classes = own(sample, frames), sample.classes.tolist()
        assert classes[: len(mine)] == mine
        pasted = classes[len(mine) :]
        assert pasted in ([], [0, 1], [2, 3], [4, 5])
        assert not set(pasted) & set(mine)
        found[bool(mine), bool(pasted)] += 1
    # Without objects in the target the pasted ones are the tracks; without any in the source the clip stays.
    assert all(found[kind] for kind in ((True, True), (True, False), (False, True)))


def test_the_source_is_any_other_sample_of_the_batch(frames, still):
    samples = ClipSamples(frames, of(still, steps=100), seed=0)
    found = Counter()
    for index in range(400):
        source = samples.pasting(index).source
        assert source // 4 == index // 4
        assert source != index
        found[index % 4, source % 4] += 1
    assert len(found) == 12
    assert min(found.values()) > 15
    assert {samples.pasting(index).frame for index in range(50)} == {0, 1, 2}


def test_the_source_is_as_it_looks_in_one_frame_of_its_own_clip(frames, still):
    """With the whole source pasted at its own size and place, pasted objects lie where they lie in that frame."""
    samples = ClipSamples(frames, of(still, clip=of(STILL, rotation_deg=30)), seed=0)
    alone = ClipSamples(
        frames, of(samples.settings, clip=of(samples.settings.clip, paste_scale=(0.01, 0.01))), 0
    )
    compared = 0
    for index in range(16):
        sample, pasting = samples[index], samples.pasting(index)
        source = alone[pasting.source]
        theirs = own(source, frames)
        if len(sample.classes) == len(own(sample, frames)) or not theirs:
            continue
        expected = source.masks[: len(theirs), pasting.frame]
        for shown in sample.masks[-len(theirs) :].unbind(1):
            # The other clip may have lost a pixel or two to what is pasted there.
            assert (expected <= shown).all()
            assert shown.sum() - expected.sum() <= 3
        compared += 1
    assert compared > 2


def test_every_frame_is_pasted_over_anew(frames, still):
    samples = ClipSamples(frames, of(still, clip=of(STILL, paste_scale=(0.3, 0.9))), seed=1)
    differing = 0
    for sample in map(samples.__getitem__, range(16)):
        pasted = sample.masks[len(own(sample, frames)) :]
        if len(pasted):
            differing += len({mask.numpy().tobytes() for mask in pasted[0]}) == 3
    assert differing > 4


def test_a_half_covered_object_keeps_a_clip_as_it_is(tmp_path, still):
    large, small = painted(SIZE, [(0, 0, 32, 40)]), painted(SIZE, [(0, 0, 8, 8)], first=1)
    frames = LabelledFrames(write_painted(tmp_path, [large, small], (0, 1)))
    samples = ClipSamples(frames, of(still, batch_size=2, clip=of(STILL, covered_share=0.5)), seed=0)
    found = {tuple(own(sample, frames)): sample.classes.tolist() for sample in (samples[0], samples[1])}
    assert found == {(0,): [0, 1], (1,): [1]}


def test_a_batch_of_one_pastes_nothing(frames, still):
    samples = ClipSamples(frames, of(still, batch_size=1), seed=0)
    for index in range(8):
        assert samples.pasting(index) is None
        sample = samples[index]
        assert sample.classes.tolist() == own(sample, frames)


def test_a_track_that_is_nowhere_to_be_seen_is_dropped(tmp_path, still):
    """Cropped to 32 of 48 columns, an object at the border is out of sight in some frames, or in all."""
    image = painted(SIZE, [(0, 0, 8, 4), (0, 16, 32, 32)])
    frames = LabelledFrames(write_painted(tmp_path, [image], (0,)))
    samples = ClipSamples(frames, of(still, batch_size=1, clip=of(STILL, crop_px=(32, 32))), seed=0)
    found = Counter()
    for sample in map(samples.__getitem__, range(60)):
        filled = sample.masks.flatten(2).any(2)
        assert filled.any(1).all()
        assert sample.classes.tolist() == ([0, 1] if len(filled) == 2 else [1])
        found["dropped" if len(filled) == 1 else "absent" if not filled.all() else "whole"] += 1
    assert found["dropped"] > 0
    assert found["absent"] > 0


def test_the_padded_size_is_known_without_decoding(frames, still):
    samples = ClipSamples(frames, of(still, clip=PUBLISHED, short_sides_px=(32, 64)), seed=0)
    sizes = set()
    for step in range(4):
        shapes = [tuple(samples[index].image.shape[2:]) for index in range(4 * step, 4 * step + 4)]
        assert samples.size(step) == padded_size(shapes)
        sizes.update(shapes)
    assert len(sizes) > 2


def test_sizes_are_asked_of_no_file(tmp_path, still):
    rows = [frame(number, 0, "nowhere.png", (64, 700 + number)) for number in range(4)]
    frames = LabelledFrames(write_frames(tmp_path / "s.arrow", rows))
    assert ClipSamples(frames, of(still, clip=ClipSettings(), short_sides_px=(64,)), 0).size(0)[1] in (
        704,
        736,
    )


def test_frames_that_are_cropped_smaller_are_padded_with_the_mean_colour(frames, still):
    samples = ClipSamples(frames, of(still, clip=of(STILL, crop_px=(32, 48)), batch_size=1), seed=0)
    padded = 0
    for index in range(8):
        sample, views = samples[index], samples.views(index)
        pixels, masks = seen_of(sample)
        assert pixels.shape[2] == max(view.window[3] for view in views)
        for place, view in enumerate(views):
            height, width = view.window[2:]
            assert (pixels[place, :height, width:] == PADDING).all()
            assert not masks[:, place, :, width:].any()
            padded += width < pixels.shape[2]
    assert padded > 4


def test_clips_of_a_step_share_a_scale_and_keep_the_longer_side(tmp_path, still):
    wide = painted((32, 160), [(0, 0, 8, 8)])
    frames = LabelledFrames(write_painted(tmp_path, [wide, painted(SIZE, [(0, 0, 8, 8)])], (0, 0)))
    clip = of(STILL, long_side_px=128, crop_px=(999, 999))
    samples = ClipSamples(frames, of(still, batch_size=2, short_sides_px=(64,), clip=clip), seed=0)
    assert {tuple(samples[index].image.shape[2:]) for index in range(2)} == {(26, 128), (64, 96)}


def test_a_clip_is_mirrored_as_a_whole(frames, still):
    plain = ClipSamples(frames, of(still, batch_size=1), seed=0)
    mixed = ClipSamples(frames, of(still, batch_size=1, flip=0.5), seed=0)
    turned = 0
    for index in range(16):
        first, second = mixed[index], plain[index]
        assert torch.equal(first.image, second.image) or torch.equal(first.image, second.image.flip(-1))
        turned += bool(mixed.drawn(index)[1])
        if mixed.drawn(index)[1]:
            assert torch.equal(first.masks, second.masks.flip(-1))
    assert 0 < turned < 16


def equal(one, other):
    return (one.index, one.file) == (other.index, other.file) and all(
        torch.equal(getattr(one, name), getattr(other, name)) for name in ("image", "masks", "classes")
    )


def test_a_clip_depends_on_seed_and_index_alone(frames, still):
    samples = ClipSamples(frames, of(still, clip=PUBLISHED), seed=3)
    again = pickle.loads(pickle.dumps(samples))
    assert all(equal(samples[index], again[index]) for index in (7, 2, 5))
    other = ClipSamples(frames, samples.settings, seed=4)
    assert samples.views(0) != other.views(0)
    assert samples.pasting(0) != other.pasting(0)
    assert samples.views(0) != samples.views(1)


@pytest.mark.parametrize(("processes", "workers"), [(1, 0), (1, 2), (2, 0), (4, 1)])
def test_batches_are_the_same_whatever_makes_them(frames, still, processes, workers):
    samples = ClipSamples(frames, of(still, clip=PUBLISHED, steps=2), seed=3)
    shares = [
        sample_loader(samples, 0, rank=rank, processes=processes, workers=workers)
        for rank in range(processes)
    ]
    for step, parts in enumerate(zip(*shares, strict=True)):
        assert {part.size for part in parts} == {samples.size(step)}
        together = [sample for part in parts for sample in part.samples]
        assert all(
            equal(found, samples[index])
            for found, index in zip(together, range(4 * step, 4 * step + 4), strict=True)
        )
