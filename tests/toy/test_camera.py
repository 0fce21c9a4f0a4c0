import numpy as np
import pytest

from uvis_core.config.toy import ToySettings
from uvis_core.toy.camera import film

STILL = {"defocus_px": 0.0, "sensor_noise": 0.0, "light": 0.0}


def filmed(images, seed=0, **settings):
    return film(images, np.random.default_rng(seed), ToySettings(**STILL | settings))


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(1)
    coarse = rng.integers(40, 200, (6, 8, 10, 3), dtype=np.uint8)
    return coarse.repeat(4, axis=1).repeat(4, axis=2)


def contrast(images):
    """Mean difference between neighbours, per frame."""
    return np.abs(np.diff(images.astype(float), axis=2)).mean(axis=(1, 2, 3))


def test_a_perfect_camera_changes_nothing(images):
    np.testing.assert_array_equal(filmed(images), images)


def test_equal_seeds_give_equal_bytes(images):
    poor = {"defocus_px": 1.5, "sensor_noise": 16, "light": 0.6}
    np.testing.assert_array_equal(filmed(images, 3, **poor), filmed(images, 3, **poor))
    assert (filmed(images, 3, **poor) != filmed(images, 4, **poor)).any()


def test_the_focus_changes_from_frame_to_frame(images):
    kept = [contrast(filmed(images, seed, defocus_px=2.0)) / contrast(images) for seed in range(8)]
    assert (np.array(kept) <= 1 + 1e-9).all()
    assert np.mean(kept) < 0.9
    assert np.ptp(kept, axis=1).max() > 0.2


def test_noise_is_within_what_is_set_and_differs_between_frames(images):
    grey = np.full_like(images, 128)
    sizes = [filmed(grey, seed, sensor_noise=10).astype(float).std() for seed in range(8)]
    assert 2.5 < min(sizes) < max(sizes) < 10.5
    noisy = filmed(grey, sensor_noise=10)
    assert (noisy[0] != noisy[1]).any()


def test_light_is_one_for_a_whole_video(images):
    grey = np.full_like(images, 100)
    for seed in range(8):
        lit = filmed(grey, seed, light=0.6)
        assert (lit == lit[0, 0, 0]).all()
    means = [filmed(grey, seed, light=0.6).mean() for seed in range(20)]
    assert min(means) < 80
    assert max(means) > 100
