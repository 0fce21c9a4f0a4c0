import numpy as np

from uvis_core.toy.textures import (
    CONTRAST,
    TEXTURE_SIZE_PX,
    background_texture,
    contrasting_colour,
    smooth_noise,
    thing_texture,
)


def test_colours_keep_their_distance():
    rng = np.random.default_rng(0)
    for _ in range(50):
        background = rng.uniform(0, 255, 3).astype(np.float32)
        assert np.linalg.norm(contrasting_colour(rng, background) - background) >= CONTRAST


def test_textures_are_colours():
    rng = np.random.default_rng(1)
    background, mean_colour = background_texture(rng, 60, 80)
    assert background.shape == (60, 80, 3)
    np.testing.assert_allclose(background.mean(axis=(0, 1)), mean_colour, rtol=1e-3)
    thing = thing_texture(rng, mean_colour)
    assert thing.shape == (TEXTURE_SIZE_PX, TEXTURE_SIZE_PX, 3)
    for texture in (background, thing):
        assert texture.dtype == np.float32
        assert texture.min() >= 0
        assert texture.max() <= 255


def test_smooth_noise_is_smooth():
    noise = smooth_noise(np.random.default_rng(2), 64, 64, 16)
    assert noise.min() >= 0
    assert noise.max() <= 1
    assert np.abs(np.diff(noise, axis=0)).max() < 0.2
