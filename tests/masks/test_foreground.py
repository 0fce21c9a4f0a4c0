import numpy as np

from uvis_core.masks.foreground import foreground

ALL = np.ones((5, 6), dtype=bool)


def vector_with(square, inside=3.0, outside=-1.0):
    vector = np.full((5, 6), outside)
    vector[square] = inside
    return vector


def test_the_side_without_the_corners_is_the_object():
    middle = np.zeros((5, 6), dtype=bool)
    middle[1:4, 2:4] = True
    for sign in (1, -1):
        mask, centred = foreground(sign * vector_with(middle), ALL)
        assert (mask == middle).all()
        assert (centred[middle] > 0).all()
        assert (centred[~middle] < 0).all()


def test_an_object_may_hold_two_corners():
    left = np.zeros((5, 6), dtype=bool)
    left[:, :2] = True
    assert (foreground(vector_with(left), ALL)[0] == left).all()


def test_the_largest_entry_decides_where_corners_do_not():
    left = np.zeros((5, 6), dtype=bool)
    left[:, :2] = True
    vector = vector_with(left, inside=1.0, outside=-1.0)
    vector[2, 5] = -9
    assert (foreground(vector, ALL)[0] == ~left)[2, 5]


def test_only_the_part_with_the_seed_remains():
    both = np.zeros((5, 6), dtype=bool)
    both[1, 1] = both[3, 4] = True
    vector = vector_with(both)
    vector[3, 4] = 4
    mask, _ = foreground(vector, ALL)
    assert mask.sum() == 1
    assert mask[3, 4]


def test_dead_patches_take_no_part():
    middle = np.zeros((5, 6), dtype=bool)
    middle[1:4, 2:4] = True
    alive = ALL.copy()
    alive[2, 2] = False
    vector = vector_with(middle)
    vector[2, 2] = 100
    mask, centred = foreground(vector, alive)
    assert (mask == (middle & alive)).all()
    assert centred[2, 2] == 0


def test_a_vector_that_splits_nothing_gives_no_object():
    assert not foreground(np.zeros((5, 6)), ALL)[0].any()
