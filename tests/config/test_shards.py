import pytest

from uvis_core.config.base import validated
from uvis_core.config.shards import ShardsSettings
from uvis_core.io.errors import UserError


@pytest.mark.parametrize(
    ("value", "train", "test"),
    [(7, 7, 7), ({"train": 4}, 4, 4), ({"train": 4, "test": 1}, 4, 1), ({"test": 2}, 16, 2), ({}, 16, 16)],
)
def test_one_number_is_for_both_splits(value, train, test):
    shards = validated(ShardsSettings, value, "configuration")
    assert (shards.of("train"), shards.of("test")) == (train, test)


@pytest.mark.parametrize(
    ("value", "words"),
    [({"train": 0}, "train: .*equal to 1, got 0"), ({"test": 5000}, "test: .*4096"), ({"tset": 1}, "'test'")],
)
def test_numbers_are_in_range(value, words):
    with pytest.raises(UserError, match=words):
        validated(ShardsSettings, value, "configuration")
