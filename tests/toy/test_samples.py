import numpy as np

from uvis_core.toy.samples import MIN_VISIBLE_PX, model_generator, sample_clip, sample_image
from uvis_core.toy.shapes import CLASSES, KINDS


def test_image_things_are_disjoint_and_visible():
    samples = [sample_image(model_generator(0, number)) for number in range(40)]
    for sample in samples:
        count = len(sample.kinds)
        assert sample.images.shape == (128, 160, 3)
        assert sample.masks.shape == (count, 128, 160)
        assert sample.is_distractor.tolist() == (sample.kinds >= len(CLASSES)).tolist()
        assert sample.masks.sum(axis=0).max(initial=0) <= 1
        assert (sample.masks.sum(axis=(1, 2)) >= MIN_VISIBLE_PX).all()
    assert set(np.concatenate([sample.kinds for sample in samples])) == set(range(len(KINDS)))


def test_things_are_of_the_size_that_a_small_detector_finds():
    extents = []
    for number in range(40):
        for mask in sample_image(model_generator(0, number)).masks:
            rows, columns = np.nonzero(mask)
            extents.append(max(np.ptp(rows), np.ptp(columns)) + 1)
    assert max(extents) <= 72
    assert 22 <= np.median(extents) <= 60


def test_equal_generators_give_equal_images_and_others_do_not():
    one, two, other = (sample_image(model_generator(0, number)) for number in (1, 1, 2))
    np.testing.assert_array_equal(one.images, two.images)
    np.testing.assert_array_equal(one.masks, two.masks)
    assert (one.images != other.images).any()


def test_clip_has_a_row_of_masks_per_thing():
    clip = sample_clip(model_generator(0, 3), 5, height=64, width=96)
    assert clip.images.shape == (5, 64, 96, 3)
    assert clip.masks.shape == (len(clip.kinds), 5, 64, 96)
    areas = clip.masks.sum(axis=(2, 3))
    assert ((areas == 0) | (areas >= MIN_VISIBLE_PX)).all()
    assert (areas > 0).any(axis=1).all()
    assert (clip.images[0] != clip.images[-1]).any()
