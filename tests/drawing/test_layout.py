from uvis_core.drawing.layout import heading, strip_px


def test_a_heading_has_letters_on_film():
    strip = heading("Tracks", 120, 20)
    assert strip.shape == (20, 120, 3)
    assert strip[:, :60].max() > 200
    assert strip[:, 100:].max() < 30


def test_strips_are_even_and_never_too_low_for_letters():
    assert strip_px(1000, 0.075) == 76
    assert strip_px(20, 0.075) == 12
