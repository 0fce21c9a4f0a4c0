import numpy as np
import pytest

from uvis_core.toy.scene import CAMERA_REACH_PX, draw_kinds, draw_scene
from uvis_core.toy.shapes import CLASSES, KINDS


def test_kinds_hold_what_is_required_and_some_distractors():
    rng = np.random.default_rng(0)
    scenes = [draw_kinds(rng, required=(2, 5)) for _ in range(200)]
    classes = [sorted(kind for kind in kinds if kind < len(CLASSES)) for kinds in scenes]
    assert all({2, 5} <= set(kinds) for kinds in classes)
    assert {len(kinds) for kinds in classes} == {2, 3}
    assert {len(kinds) - len(named) for kinds, named in zip(scenes, classes, strict=True)} == {0, 1, 2}
    assert any(len(set(kinds)) < len(kinds) for kinds in classes)
    assert {kind for kinds in scenes for kind in kinds} == set(range(len(KINDS)))


def test_number_of_classes_decides_how_many_required_kinds_occur():
    rng = np.random.default_rng(0)
    for count in (1, 2, 3):
        kinds = [kind for kind in draw_kinds(rng, required=(2, 5), counts=(count,)) if kind < len(CLASSES)]
        assert len(kinds) == count
        assert set((2, 5)[:count]) <= set(kinds)


def test_scene_has_the_things_in_the_order_asked_for():
    times = np.linspace(0, 1, 5)
    scene = draw_scene(np.random.default_rng(1), [3, 0, 8], times, 64, 80)
    assert [thing.kind for thing in scene.things] == [3, 0, 8]
    assert scene.background.shape == (64 + 2 * CAMERA_REACH_PX, 80 + 2 * CAMERA_REACH_PX, 3)
    assert scene.camera_px.shape == (5, 2)
    for thing in scene.things:
        assert thing.centres_px.shape == (5, 2)
        assert thing.radii_px.shape == thing.angles.shape == (5,)


def test_look_and_motion_do_not_depend_on_the_kind():
    times = np.linspace(0, 1, 5)
    # Hexagon and drop both draw two numbers for their outline, so that all that follows is equal.
    one, two = (draw_scene(np.random.default_rng(1), [kind], times, 64, 80) for kind in (6, 8))
    np.testing.assert_array_equal(one.things[0].texture, two.things[0].texture)
    np.testing.assert_array_equal(one.things[0].centres_px, two.things[0].centres_px)


@pytest.mark.parametrize("seed", range(5))
def test_equal_generators_give_equal_scenes(seed):
    times = np.linspace(0, 1, 3)
    one, two = (draw_scene(np.random.default_rng(seed), [0, 7], times, 64, 80) for _ in range(2))
    np.testing.assert_array_equal(one.background, two.background)
    np.testing.assert_array_equal(one.things[1].centres_px, two.things[1].centres_px)
    assert one.noise_seed == two.noise_seed
