from hypothesis import given
from hypothesis import strategies as st

from uvis_core.toy.seeds import Purpose, generator, spawn_key

PURPOSES = st.sampled_from(list(Purpose))
INDICES = st.lists(st.integers(0, 2**32 - 1), max_size=6)


@given(PURPOSES, INDICES, PURPOSES, INDICES)
def test_keys_of_different_purposes_never_meet(first, first_indices, second, second_indices):
    same = spawn_key(first, *first_indices) == spawn_key(second, *second_indices)
    assert same == (first == second and first_indices == second_indices)


def test_equal_keys_give_equal_streams_and_others_do_not():
    draws = [generator(0, Purpose.TRAIN_VIDEO, 3).random(8).tolist() for _ in range(2)]
    assert draws[0] == draws[1]
    for other in (
        generator(1, Purpose.TRAIN_VIDEO, 3),
        generator(0, Purpose.TRAIN_VIDEO, 4),
        generator(0, Purpose.TEST_VIDEO, 3),
        generator(0, Purpose.MODEL_DATA, 3),
    ):
        assert other.random(8).tolist() != draws[0]
