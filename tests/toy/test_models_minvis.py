from pathlib import Path

import pyarrow as pa

from uvis_core.io.images import read_image
from uvis_core.io.rle import decode_masks
from uvis_core.toy.models_minvis import STREAM, write_training_images
from uvis_core.toy.samples import model_generator, sample_image
from uvis_core.toy.shapes import CLASSES, DISTRACTORS
from uvis_core.training.samples import LabelledFrames


def rows_of(path):
    """All rows, each path from the folder of the file."""
    table = pa.ipc.open_file(path).read_all()
    return [{**row, "path": str(Path(row["path"]).relative_to(path.parent))} for row in table.to_pylist()]


def test_images_and_labels_fit_and_know_no_class(tmp_path):
    path = write_training_images(tmp_path, 5, seed=3)
    rows = rows_of(path)
    assert len(rows) == 5
    for number, row in enumerate(rows):
        size = row["height_px"], row["width_px"]
        assert read_image(tmp_path / row["path"]).shape[:2] == size
        sample = sample_image(model_generator(3, STREAM, number))
        assert (decode_masks(row["rle_counts"], *size) == sample.masks).all()
        assert row["class_ids"] == [1] * len(sample.masks)
    frames = LabelledFrames(path)
    assert (frames.videos, frames.class_ids) == (5, (1,))


def test_equal_seeds_give_equal_files(tmp_path):
    content = {}
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        path = write_training_images(tmp_path / name, 2, seed)
        content[name] = (
            rows_of(path),
            [file.read_bytes() for file in sorted((tmp_path / name).rglob("*.jpg"))],
        )
    assert content["a"] == content["b"] != content["c"]


def test_augmented_images_have_the_same_labels(tmp_path):
    clean = write_training_images(tmp_path / "clean", 8, seed=3)
    augmented = write_training_images(tmp_path / "augmented", 8, seed=3, augmented=True)
    assert rows_of(clean) == rows_of(augmented)
    files = [row["path"] for row in rows_of(clean)]
    changed = [(clean.parent / file).read_bytes() != (augmented.parent / file).read_bytes() for file in files]
    assert 2 <= sum(changed) < 8


def test_only_what_no_vocabulary_names_is_told_apart(tmp_path):
    path = write_training_images(tmp_path / "apart", 12, seed=3, told_apart=True)
    alike = rows_of(write_training_images(tmp_path / "alike", 12, seed=3))
    assert LabelledFrames(path).class_ids == tuple(range(1, 2 + len(DISTRACTORS)))
    apart = rows_of(path)
    named = [class_id for row in apart for class_id in row["class_ids"]]
    kinds = [
        kind
        for number in range(12)
        for kind in sample_image(model_generator(3, STREAM, number)).kinds.tolist()
    ]
    assert named == [1 if kind < len(CLASSES) else 2 + kind - len(CLASSES) for kind in kinds]
    assert len(set(named)) > 2
    for row in apart:
        row["class_ids"] = [1] * len(row["class_ids"])
    assert apart == alike
