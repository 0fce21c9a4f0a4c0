import json
import pickle
import struct
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import ROOT
from tests.training.made import frame, write_frames
from uvis_core.io.errors import UserError
from uvis_core.io.samples import check_samples
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.training.samples import LabelledFrames

SIZE = (4, 6)
LABEL_TEXT = 200
SHARED_PAGES = """
import json, sys, tracemalloc
from uvis_core.training.samples import LabelledFrames

def anonymous():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))

LabelledFrames(sys.argv[1]).frame(0, 0)
before = anonymous()
tracemalloc.start()
frames = LabelledFrames(sys.argv[2])
for video in range(frames.videos):
    frames.frame(video, 3)
python = tracemalloc.get_traced_memory()[1]
print(json.dumps([python, 1024 * (anonymous() - before)]))
"""


def rows_of(lengths, labels=1, text="x"):
    return [
        frame(video, place, f"{video}/{place}.jpg", SIZE, [(4, text)] * labels)
        for video, length in enumerate(lengths)
        for place in range(length)
    ]


def test_videos_and_frames_are_found_across_record_batches(tmp_path):
    lengths = [1, 9, 4, 3]
    frames = LabelledFrames(write_frames(tmp_path / "s.arrow", rows_of(lengths), batch_rows=4))
    assert frames.starts.tolist() == [0, 1, 10, 14, 17]
    assert [frames.length(video) for video in range(frames.videos)] == lengths
    for video, length in enumerate(lengths):
        assert [frames.frame(video, place).path for place in range(length)] == [
            f"{video}/{place}.jpg" for place in range(length)
        ]


def test_a_frame_has_its_labels_and_size(tmp_path):
    rows = [
        frame(0, 0, "a", (4, 6), [(9, "one"), (2, "two"), (9, "three")]),
        frame(1, 0, "b", (5, 7)),
    ]
    frames = LabelledFrames(write_frames(tmp_path / "s.arrow", rows, class_ids=(9, 2, 5)))
    assert frames.class_ids == (2, 5, 9)
    found = frames.frame(0, 0)
    assert (found.path, found.size, found.rle_counts) == ("a", (4, 6), ["one", "two", "three"])
    assert found.classes.dtype == np.int64
    assert found.classes.tolist() == [2, 0, 2]
    empty = frames.frame(1, 0)
    assert (empty.size, empty.classes.tolist(), empty.rle_counts) == ((5, 7), [], [])
    assert (frames.size(0), frames.size(1)) == ((4, 6), (5, 7))


def test_labels_count_as_one_class_where_that_is_asked_for(tmp_path):
    rows = [frame(0, 0, "a", (4, 6), [(9, "one"), (2, "two")])]
    path = write_frames(tmp_path / "s.arrow", rows, class_ids=(9, 2))
    frames = pickle.loads(pickle.dumps(LabelledFrames(path, class_agnostic=True)))
    assert (frames.class_ids, frames.class_names) == ((1,), ("object",))
    found = frames.frame(0, 0)
    assert found.classes.dtype == np.int64
    assert found.classes.tolist() == [0, 0]


def test_a_pickle_is_the_path(tmp_path):
    frames = LabelledFrames(write_frames(tmp_path / "s.arrow", rows_of([200] * 50)))
    pickled = pickle.dumps(frames)
    assert len(pickled) < 300
    # As a worker process gets it; the bytes are made right here.
    assert pickle.loads(pickled).frame(20, 3).path == "20/3.jpg"


def test_no_label_says_what_removed_them(tmp_path):
    counts = {"kept": 0, "objectness": 12, "similarity": 3}
    path = write_frames(tmp_path / "s.arrow", rows_of([2], labels=0), counts=counts)
    with pytest.raises(UserError, match=r"no label to train on.*objectness 12, similarity 3"):
        LabelledFrames(path)


def test_another_schema_is_refused(tmp_path):
    path = tmp_path / "s.arrow"
    schema = TRACKS.columns.with_metadata({"schema": "tracks", "schema_version": "1"})
    with pa.OSFile(str(path), "wb") as sink:
        pa.ipc.new_file(sink, schema).close()
    with pytest.raises(UserError, match="holds schema 'tracks' version '1', not 'samples'"):
        LabelledFrames(path)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text"])
def test_what_is_no_samples_file_is_refused(tmp_path, damage):
    path = write_frames(tmp_path / "s.arrow", rows_of([20]))
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "text": b"[]" * 100}.get(damage, whole[:-100]))
    if damage == "missing":
        path.unlink()
    with pytest.raises(UserError, match="no such table" if damage == "missing" else "cannot be read"):
        LabelledFrames(path)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux says what memory is a process's own"
)
def test_memory_of_a_process_does_not_grow_with_the_labels(tmp_path):
    """Two files of as many videos, the second with 20 times the text in labels: 160 MB."""
    text = "x" * LABEL_TEXT
    small = write_frames(tmp_path / "small.arrow", rows_of([5] * 1000), batch_rows=4096)
    costs = {}
    for labels in (8, 160):
        path = tmp_path / f"{labels}.arrow"
        write_frames(path, rows_of([5] * 1000, labels=labels, text=text), batch_rows=4096)
        command = [sys.executable, "-c", SHARED_PAGES, str(small), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
        costs[labels] = json.loads(done.stdout)
    assert (tmp_path / "160.arrow").stat().st_size > 150e6
    for few, many in zip(costs[8], costs[160], strict=True):
        assert many < few + 2e6


def test_labels_that_reach_beyond_the_file_are_named(tmp_path):
    rows = [frame(0, place, "a.jpg", SIZE, [(1, "text")]) for place in range(4)]
    path = write_frames(tmp_path / "samples.arrow", rows)
    # Where the lists of each row begin and end.
    whole, beyond = struct.pack("<5i", 0, 1, 2, 3, 4), struct.pack("<5i", 0, 1, 2, 3, 2**30)
    path.write_bytes(path.read_bytes().replace(whole, beyond))
    with pytest.raises(UserError, match=r"samples\.arrow: cannot be read as a table"):
        check_samples(path)
    frames = LabelledFrames(path)
    assert len(frames.frame(0, 2).classes) == 1
    with pytest.raises(UserError, match=r"samples\.arrow: cannot be read as a table"):
        frames.frame(0, 3)
