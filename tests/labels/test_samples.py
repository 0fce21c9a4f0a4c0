import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.labels.made import HEIGHT, WIDTH, frames, masks
from uvis_core.io.errors import UserError
from uvis_core.io.rle import decode_masks
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import ACCEPTED, CRITERIA, KEPT, LABELS, REJECTED
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import write_table
from uvis_core.labels import samples as module
from uvis_core.labels.samples import gather_samples
from uvis_core.training.samples import LabelledFrames

NAMES = {7: "ring", 4: "star"}
Shards = dict[str, list[Path]]


def labels(
    found: dict[str, Any], class_ids: list[int], reasons: list[str], score: float = 0.5
) -> dict[str, Any]:
    """Columns of a labels table of these masks."""
    return {
        **{name: found[name] for name in ("mask_id", "video_id", "frame_index", "objectness")},
        "class_id": class_ids,
        "class_score": [score] * len(reasons),
        "similarity": [0.9] * len(reasons),
        "kept": [reason == KEPT for reason in reasons],
        "reason": reasons,
    }


def write_shard(folder: Path, name: str, *columns: dict[str, Any], **provenance: str) -> dict[str, Path]:
    paths = {}
    for schema, values in zip((FRAMES, MASKS, LABELS), columns, strict=True):
        paths[schema.name] = folder / f"{schema.name}-{name}.parquet"
        write_table(paths[schema.name], schema, values, provenance)
    return paths


def together(*parts: dict[str, Any]) -> dict[str, Any]:
    """The rows of several tables."""
    found = {}
    for name in parts[0]:
        values = [part[name] for part in parts]
        found[name] = (
            pa.concat_arrays(values)
            if isinstance(values[0], pa.Array)
            else [row for v in values for row in v]
        )
    return found


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    """Shard 0: video b with two labels and one removed crop, then video a; shard 1: video c without any."""
    found = masks([5, 6, 8], [2, 2, 0], [0.9, 0.5, 0.75], "b")
    verdicts = labels(found, [4, 7, 7], [KEPT, "objectness", KEPT])
    paths = [
        write_shard(tmp_path, "0", together(frames("b", 3), frames("a", 2)), found, verdicts, settings="{1}"),
        write_shard(
            tmp_path,
            "1",
            frames("c", 1),
            masks([], [], []),
            labels(masks([], [], []), [], []),
            settings="{1}",
        ),
    ]
    return {name: [shard[name] for shard in paths] for name in ("labels", "masks", "frames")}


def gathered(shards: Shards, output: Path, names: dict[int, str] = NAMES, **about: str) -> pa.Table:
    gather_samples(output, shards["labels"], shards["masks"], shards["frames"], names, about)
    return pa.ipc.open_file(output).read_all()


def test_every_frame_is_a_row_with_its_labels(shards: Shards, tmp_path: Path) -> None:
    rows = gathered(shards, tmp_path / "s.arrow").to_pylist()
    assert [(row["video"], row["video_id"], row["frame_index"]) for row in rows] == [
        (0, "a", 0), (0, "a", 1), (1, "b", 0), (1, "b", 1), (1, "b", 2), (2, "c", 0)
    ]  # fmt: skip
    assert [row["path"] for row in rows[1:3]] == ["images/a/00001.jpg", "images/b/00000.jpg"]
    assert {(row["height_px"], row["width_px"]) for row in rows} == {(HEIGHT, WIDTH)}
    assert [row["class_ids"] for row in rows] == [[], [], [7], [], [4], []]
    assert rows[4]["scores"] == [pytest.approx(0.45)]
    decoded = decode_masks(rows[2]["rle_counts"], HEIGHT, WIDTH)
    np.testing.assert_array_equal(np.nonzero(decoded[0].any(axis=0))[0], [0, 1, 2])


def test_a_frame_has_its_labels_in_the_order_of_the_table(tmp_path: Path) -> None:
    found = masks([9, 3, 6, 1], [1, 0, 1, 1], [0.9] * 4)
    paths = write_shard(tmp_path, "0", frames("v", 2), found, labels(found, [7, 4, 4, 7], [KEPT] * 4))
    rows = gathered({name: [path] for name, path in paths.items()}, tmp_path / "s.arrow").to_pylist()
    assert [row["class_ids"] for row in rows] == [[4], [7, 4, 7]]
    assert rows[1]["rle_counts"] == [found["rle_counts"][number] for number in (0, 2, 3)]


def test_metadata_say_what_it_was_made_of(shards: Shards, tmp_path: Path) -> None:
    metadata = gathered(shards, tmp_path / "s.arrow", code="abc", settings="{}").schema.metadata
    assert (metadata[b"schema"], metadata[b"schema_version"], metadata[b"code"]) == (b"samples", b"1", b"abc")
    assert metadata[b"settings"] == b"{1}"
    assert json.loads(metadata[b"classes"]) == {"7": "ring", "4": "star"}
    counts = json.loads(metadata[b"counts"])
    assert counts == {"kept": 2, "objectness": 1, "class_score": 0, "similarity": 0, "area": 0}
    assert list(counts) == [KEPT, *CRITERIA]


def test_verdicts_by_hand_are_counted_where_there_are_any(tmp_path: Path) -> None:
    found = masks([9, 3], [1, 0], [0.1, 0.9])
    verdicts = labels(found, [7, 4], [KEPT, KEPT])
    verdicts |= {"kept": [True, False], "reason": [ACCEPTED, REJECTED]}
    paths = write_shard(tmp_path, "0", frames("v", 2), found, verdicts)
    table = gathered({name: [path] for name, path in paths.items()}, tmp_path / "s.arrow")
    assert table["class_ids"].to_pylist() == [[], [7]]
    counts = json.loads(table.schema.metadata[b"counts"])
    assert (counts[ACCEPTED], counts[REJECTED], counts[KEPT]) == (1, 1, 0)


def test_equal_tables_give_equal_bytes(shards: Shards, tmp_path: Path) -> None:
    for name in ("one", "two"):
        gathered(shards, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_label_at_all_is_training_s_to_say(shards: Shards, tmp_path: Path) -> None:
    without = {name: paths[1:] for name, paths in shards.items()}
    assert len(gathered(without, tmp_path / "s.arrow")) == 1
    with pytest.raises(UserError, match="no label to train on; candidates by verdict: kept 0, objectness 0"):
        LabelledFrames(tmp_path / "s.arrow")


def test_shards_in_another_order_are_refused(shards: Shards, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="2 masks of the labels"):
        gathered({**shards, "masks": shards["masks"][::-1]}, tmp_path / "s.arrow")
    with pytest.raises(UserError, match=r"'b' has a label in frame 2, but .* lists 0 frames of it"):
        gathered({**shards, "frames": shards["frames"][::-1]}, tmp_path / "s.arrow")
    with pytest.raises(UserError, match="2 labels tables, 1 masks tables"):
        gathered({**shards, "masks": shards["masks"][:1]}, tmp_path / "s.arrow")
    assert not (tmp_path / "s.arrow").exists()


def test_a_label_behind_the_last_frame_is_refused(shards: Shards, tmp_path: Path) -> None:
    write_table(shards["frames"][0], FRAMES, together(frames("b", 2), frames("c", 3)))
    with pytest.raises(UserError, match=r"'b' has a label in frame 2, but .* lists 2 frames of it"):
        gathered(shards, tmp_path / "s.arrow")


def test_a_mask_of_another_size_is_refused(shards: Shards, tmp_path: Path) -> None:
    other = together(frames("b", 3), frames("a", 2))
    write_table(shards["frames"][0], FRAMES, {**other, "height_px": [9] * 5})
    with pytest.raises(UserError, match=r"mask 8 measures 4 x 6 pixels, but .* says 9 x 6 of its frame"):
        gathered(shards, tmp_path / "s.arrow")


def test_classes_outside_the_vocabulary_are_refused(shards: Shards, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"classes \[7\]"):
        gathered(shards, tmp_path / "s.arrow", {4: "star"})


def test_labels_of_two_variants_are_refused(shards: Shards, tmp_path: Path) -> None:
    write_table(shards["labels"][1], LABELS, labels(masks([], [], []), [], []), {"settings": "{2}"})
    with pytest.raises(UserError, match=r"selected by \{2\}, but .* by \{1\}"):
        gathered(shards, tmp_path / "s.arrow")


videos = st.dictionaries(st.text("abяz", min_size=1, max_size=4), st.integers(1, 6), min_size=1, max_size=5)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(videos, min_size=1, max_size=3), data=st.data())
def test_every_frame_and_label_is_found_again(
    content: list[dict[str, int]], data: st.DataObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order of rows in the tables, and wherever record batches end."""
    monkeypatch.setattr(module, "BATCH_FRAMES", data.draw(st.integers(1, 5), "frames per batch"))
    shards: Shards = {"labels": [], "masks": [], "frames": []}
    expected = []
    for number, lengths in enumerate(content):
        names = {f"{name}{number}": length for name, length in lengths.items()}
        everything = [(name, place) for name, length in names.items() for place in range(length)]
        at = data.draw(st.lists(st.sampled_from(everything), max_size=8), "frames of masks")
        kept = [data.draw(st.booleans()) for _ in at]
        found = masks(
            [100 * number + row for row in range(len(at))], [place for _, place in at], [0.5] * len(at)
        )
        found["video_id"] = [name for name, _ in at]
        order = data.draw(st.permutations(range(len(everything))), "order of frames")
        table = together(*(frames(name, length) for name, length in names.items()))
        table = {name: [values[row] for row in order] for name, values in table.items()}
        verdicts = labels(found, [4] * len(at), [KEPT if keep else "area" for keep in kept])
        verdicts["class_id"] = [(4, 7)[row % 2] for row in range(len(at))]
        for name, path in write_shard(tmp_path, str(number), table, found, verdicts).items():
            shards[name].append(path)
        for name in sorted(names):
            for place in range(names[name]):
                own = [row for row, here in enumerate(at) if here == (name, place) and kept[row]]
                path = f"images/{name}/{place:05d}.jpg"
                expected.append(
                    (name, path, [row % 2 for row in own], [found["rle_counts"][row] for row in own])
                )
    table = gathered(shards, tmp_path / "s.arrow")
    assert table["video_id"].to_pylist() == [name for name, *_ in expected]
    if not any(own for *_, own in expected):
        return
    labelled = LabelledFrames(tmp_path / "s.arrow")
    read = [
        labelled.frame(video, place)
        for video in range(labelled.videos)
        for place in range(labelled.length(video))
    ]
    assert [(frame.path, frame.classes.tolist(), frame.rle_counts) for frame in read] == [
        tuple(rest) for _, *rest in expected
    ]


TEXT_BYTES = 2000
PEAK = """
import sys
import pyarrow as pa
from uvis_core.labels.samples import gather_samples

output, labels, masks, frames = sys.argv[1:]
gather_samples(output, [labels], [masks], [frames], {4: "star"})
print(pa.default_memory_pool().max_memory())
"""


def test_texts_of_a_large_shard_are_never_in_memory_together(tmp_path: Path) -> None:
    peaks = {}
    for count in (10_000, 40_000):
        found = masks(list(range(count)), list(range(count)), [0.5] * count)
        found["rle_counts"] = ["x" * TEXT_BYTES] * count
        verdicts = labels(found, [4] * count, [KEPT] * count)
        paths = write_shard(tmp_path, str(count), frames("v", count), found, verdicts)
        tables = [str(paths[name]) for name in ("labels", "masks", "frames")]
        output = tmp_path / f"{count}.arrow"
        command = [sys.executable, "-c", PEAK, str(output), *tables]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        peaks[count] = int(done.stdout)
        assert output.stat().st_size > count * TEXT_BYTES
    assert peaks[40_000] < peaks[10_000] + 0.25 * 30_000 * TEXT_BYTES
