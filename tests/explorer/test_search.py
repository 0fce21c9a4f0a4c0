import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.explorer.made import CODED
from uvis_core.explorer.chains import chain_videos
from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import RunFolder
from uvis_core.explorer.search import (
    SORTS,
    VERDICTS,
    Filter,
    chosen_rows,
    page_of,
    read_margins,
    resembling,
    sort_values,
)
from uvis_core.explorer.verdicts import verdicts_of
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.labels import CRITERIA, KEPT
from uvis_core.io.tables import read_table

FILTERS = [
    Filter(),
    Filter(classes=(2, 0)),
    Filter(video=1),
    Filter(classes=(1,), video=3),
    Filter(verdicts=(KEPT, "similarity")),
    Filter(classes=(0, 1), verdicts=("objectness",)),
    Filter(classes=(0,), mask_ids=frozenset()),
]


@pytest.mark.parametrize("wanted", FILTERS)
def test_filters_take_what_they_say(rows: Rows, wanted: Filter) -> None:
    everything = np.arange(len(rows))
    verdicts = np.array([*CRITERIA, KEPT])[verdicts_of(rows, everything, CODED, {})]
    expected = [
        row
        for row in everything.tolist()
        if (not wanted.classes or int(rows.classes(np.array([row]))[0]) in wanted.classes)
        and (wanted.video is None or rows.videos[row] == wanted.video)
        and (not wanted.verdicts or verdicts[row] in wanted.verdicts)
        and (wanted.mask_ids is None or int(rows.mask_ids[row]) in wanted.mask_ids)
    ]
    assert chosen_rows(rows, wanted, CODED, {}).tolist() == expected
    assert set(VERDICTS) == {KEPT, *CRITERIA}


def test_a_selection_is_found_whatever_else_is_asked(rows: Rows) -> None:
    ids = frozenset(rows.mask_ids[[3, 50, 90]].tolist())
    assert chosen_rows(rows, Filter(mask_ids=ids), CODED, {}).tolist() == [3, 50, 90]


@given(
    st.lists(st.sampled_from([0.0, 0.5, 1.0, float("nan")]), max_size=20),
    st.booleans(),
    st.integers(0, 9),
    st.integers(1, 9),
)
def test_pages_are_those_of_the_sorted_list(
    values: list[float], falling: bool, start: int, count: int
) -> None:
    array = np.array(values, dtype=np.float32)
    known = [place for place in range(len(array)) if not np.isnan(array[place])]
    known.sort(key=lambda place: -array[place] if falling else array[place])
    assert page_of(array, falling, start, count).tolist() == known[start : start + count]


def test_margins_are_the_distance_to_the_second_class(run: RunFolder, rows: Rows) -> None:
    margins = read_margins(rows, run.splits["train"])
    expected = {}
    for path in run.splits["train"].tables["crops"]:
        for row in read_table(path, CROPS, ["mask_id", "top_cosines"]).to_pylist():
            expected[row["mask_id"]] = row["top_cosines"][0] - row["top_cosines"][1]
    found = dict(zip(rows.mask_ids.tolist(), margins.tolist(), strict=True))
    assert found == pytest.approx(expected, abs=1e-6)


def test_every_order_has_its_values(run: RunFolder, rows: Rows) -> None:
    some = np.arange(5, 100, 7)
    chains = chain_videos(rows, run.splits["train"], np.array([0, 1]))
    margins = np.arange(len(rows), dtype=np.float32)
    for key in SORTS:
        values = sort_values(rows, some, key, margins, chains)
        if key == "margin":
            assert values.tolist() == some.tolist()
        elif key == "disagreement":
            known = np.isin(rows.videos[some], [0, 1])
            assert (np.isnan(values) == ~known).all()
            places = np.searchsorted(chains.rows, some[known])
            np.testing.assert_array_equal(values[known], chains.disagreement[places])
        else:
            np.testing.assert_array_equal(values, rows.scores[key][some])


def test_names_are_found_by_a_part_whatever_its_case() -> None:
    assert resembling(["Dog 1", "cat", "hotdog"], "dOg") == ["Dog 1", "hotdog"]
    assert resembling(["a1", "a2", "a3"], "a", count=2) == ["a1", "a2"]
