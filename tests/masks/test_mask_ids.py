from itertools import product

from uvis_core.masks.mask_ids import mask_id


def test_stable_across_runs():
    # Recorded once: a change of this number would cut every stored table from the later ones.
    assert mask_id("video", 3, 0) == 4083783203585143427


def test_fits_a_signed_column_and_is_unique():
    places = list(product(("a", "b", "1/a", "a/1"), range(20), range(20)))
    ids = {mask_id(*place) for place in places}
    assert len(ids) == len(places)
    assert all(0 <= number < 2**63 for number in ids)


def test_parts_are_not_confused():
    assert mask_id("1/a", 2, 1) != mask_id("a", 2, 1)
    assert mask_id("x", 11, 1) != mask_id("x", 1, 11)
