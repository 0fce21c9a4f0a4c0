import numpy as np
import pytest

from uvis_core.toy import motion
from uvis_core.toy.motion import CROSS, VISIT, WANDER, draw_camera, draw_path

HEIGHT, WIDTH, OUTSIDE = 100, 140, 30.0
TIMES = np.linspace(0, 1, 19)


def paths(monkeypatch, habit, through=(70.0, 50.0)):
    monkeypatch.setattr(motion, "RETURN_SHARE", float(habit == VISIT))
    leaving = float(habit != WANDER)
    rng = np.random.default_rng(0)
    return [draw_path(rng, HEIGHT, WIDTH, OUTSIDE, np.array(through), leaving) for _ in range(50)]


def inside(points):
    return ((points >= 0) & (points <= (WIDTH, HEIGHT))).all(axis=1)


def test_a_wanderer_stays_and_moves_smoothly(monkeypatch):
    for path in paths(monkeypatch, WANDER):
        points = path(TIMES)
        assert inside(points).all()
        assert np.linalg.norm(np.diff(points, 2, axis=0), axis=1).max() < 5


def test_a_crosser_begins_and_ends_outside(monkeypatch):
    for path in paths(monkeypatch, CROSS):
        assert not inside(path(np.array([0.0, 1.0]))).any()
        assert inside(path(TIMES)).any()


def test_a_visitor_leaves_and_comes_back(monkeypatch):
    for path in paths(monkeypatch, VISIT):
        assert inside(path(TIMES)).tolist()[:: len(TIMES) - 1] == [True, True]
        x, y = path(0.5)
        assert min(x, y) == pytest.approx(-OUTSIDE) or x == WIDTH + OUTSIDE or y == HEIGHT + OUTSIDE


@pytest.mark.parametrize("habit", [WANDER, CROSS])
def test_a_meeting_happens_half_way(monkeypatch, habit):
    for path in paths(monkeypatch, habit, through=(50.0, 60.0)):
        np.testing.assert_allclose(path(0.5), [50, 60])


def test_the_camera_keeps_within_reach():
    rng = np.random.default_rng(0)
    pans = np.stack([draw_camera(rng, TIMES, 24) for _ in range(50)])
    assert pans.shape == (50, len(TIMES), 2)
    assert np.abs(pans).max() <= 24
    assert np.abs(pans).max() > 15


def test_a_hand_trembles_about_the_same_pan():
    for seed in range(20):
        steady = draw_camera(np.random.default_rng(seed), TIMES, 24)
        trembling = draw_camera(np.random.default_rng(seed), TIMES, 24, shake_px=3.0) - steady
        assert 0 < trembling.std() < 4.5
        assert np.abs(trembling.mean(axis=0)).max() < 2.5  # 3.5 standard errors of 19 draws


def test_what_is_drawn_after_the_camera_does_not_know_how_it_trembles():
    first, second = np.random.default_rng(5), np.random.default_rng(5)
    draw_camera(first, TIMES, 24)
    draw_camera(second, TIMES, 24, shake_px=2.0)
    assert first.random() == second.random()
