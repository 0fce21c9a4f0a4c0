import numpy as np
import pytest

from uvis_core.tracks.parking import ParkedMasks


def test_gives_back_the_wanted_queries_in_pieces():
    logits = np.arange(5 * 3 * 2 * 4, dtype=np.float16).reshape(5, 3, 2, 4)
    with ParkedMasks() as parked:
        parked.append(logits[:2])
        parked.append(logits[2:])
        pieces = list(parked.read([2, 0], 2))
    assert [len(piece) for piece in pieces] == [2, 2, 1]
    assert np.array_equal(np.concatenate(pieces), logits[:, [2, 0]])


@pytest.mark.parametrize("wrong", [np.zeros((1, 3, 2, 5), np.float16), np.zeros((1, 3, 2, 4), np.float32)])
def test_frames_must_be_alike(wrong):
    with ParkedMasks() as parked:
        parked.append(np.zeros((1, 3, 2, 4), np.float16))
        with pytest.raises(ValueError, match="after float16 frames"):
            parked.append(wrong)
