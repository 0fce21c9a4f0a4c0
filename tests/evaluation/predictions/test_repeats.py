from uvis_core.evaluation.predictions.repeats import Repeats

FACTS = (1, 2, 0.5)
MASKS = {0: b"342", 3: b"9"}


def test_a_track_is_known_by_everything_about_it() -> None:
    repeats = Repeats()
    assert repeats.first(0, FACTS, MASKS) == 0
    others = [
        ((2, 2, 0.5), MASKS),
        ((1, 3, 0.5), MASKS),
        ((1, 2, 0.25), MASKS),
        (("1", 2, 0.5), MASKS),
        (FACTS, {0: b"342"}),
        (FACTS, {0: b"342", 4: b"9"}),
        (FACTS, {0: b"34", 3: b"29"}),
    ]
    assert [repeats.first(number, *other) for number, other in enumerate(others, 1)] == [1, 2, 3, 4, 5, 6, 7]
    assert repeats.first(8, FACTS, dict(MASKS)) == 0
