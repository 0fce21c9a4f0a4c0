"""A mistake in the configuration ends the run before any job, with the key, the value and what is allowed."""

import pytest

from tests.workflow.conftest import Checkout, copy_repository

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the repository without results."""
    return copy_repository(tmp_path_factory.mktemp("errors"))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"masks": {"objectnes_floor": 0.2}}, ["masks.objectnes_floor", "no such key", "objectness_floor"]),
        ({"labels": {"variants": {"full": {"similarity": 1.7}}}}, ["labels.variants.full.similarity", "1.7"]),
        ({"shards": "many"}, ["shards", "'many'", "integer"]),
        ({"run": ["uvsi"]}, ["run", "'uvsi'", "minvis"]),
        ({"experiments": {"uvis": {"labels": "fully"}}}, ["experiments.uvis.labels", "'fully'", "full"]),
        ({"frames": {"stride": 2}}, ["stride", "truth"]),
        (
            {"sources": {"train": {"kind": "videos", "path": "nowhere"}}, "frames": {"stride": None}},
            ["sources.train", "nowhere", "no such file or folder", "path"],
        ),
        ({"vocabulary": "nowhere.txt"}, ["nowhere.txt", "no such file", "vocabulary"]),
    ],
    ids=[
        "typo",
        "range",
        "type",
        "unknown experiment",
        "unknown variant",
        "combination",
        "missing folder",
        "missing vocabulary",
    ],
)
def test_mistake_is_named(checkout: Checkout, keys: dict, words: list[str]) -> None:
    output = checkout.snakemake("--dry-run", configfile=checkout.overlay(**keys), check=False)
    assert "Traceback" not in output
    for word in words:
        assert word in output
    assert "fix:" in output
