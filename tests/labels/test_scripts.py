import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.conftest import ROOT
from tests.labels.made import crops, frames, masks
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.labels import LABELS
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.tables import embedding_array, read_metadata, read_table, write_table


def script(name: str, *arguments: str | Path) -> None:
    command = [sys.executable, ROOT / "scripts" / name, *arguments]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_from_crops_to_labels_by_hand(tmp_path: Path) -> None:
    """Of five crops of a class, four look alike and one looks different: only that one falls short of tau."""
    ids, at = [1, 2, 3, 4, 5], [0, 0, 1, 1, 1]
    vectors = np.array([[1, 0], [1, 0.02], [1, -0.02], [1, 0], [0, 1]])
    columns = crops(ids, at, [1] * 5, [0.9] * 5)
    columns["embedding"] = embedding_array(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
    paths = {
        name: tmp_path / f"{name}.parquet"
        for name in ("frames", "masks", "crops", "prototypes", "similarities")
    }
    write_table(paths["frames"], FRAMES, frames("v", 2))
    write_table(paths["masks"], MASKS, masks(ids, at, [0.9] * 5))
    write_table(paths["crops"], CROPS, columns)
    (tmp_path / "classes.txt").write_text("star\nring\n")
    words = ["--vocabulary", tmp_path / "classes.txt"]
    script("fit_prototypes.py", "--crops", paths["crops"], *words, "--output", paths["prototypes"])
    assert len(json.loads(read_metadata(paths["prototypes"])["classes"])) == 2
    pair = ["--crops", paths["crops"], "--prototypes", paths["prototypes"]]
    script("score_similarity.py", *pair, "--output", paths["similarities"])
    tables = ["--masks", paths["masks"], "--crops", paths["crops"], "--similarities", paths["similarities"]]
    labels = tmp_path / "labels.parquet"
    script(
        "select_labels.py", *tables, *words, "--output", labels, "--similarity", "0.7", "--code-digest", "abc"
    )
    assert read_table(labels, LABELS)["reason"].to_pylist() == ["kept"] * 4 + ["similarity"]
    assert read_metadata(labels)["code"] == "abc"
    strict = "--classes={star: {class_score: 0.95}}"
    script("select_labels.py", *tables, *words, "--output", tmp_path / "strict.parquet", strict)
    assert set(read_table(tmp_path / "strict.parquet", LABELS)["reason"].to_pylist()) == {"class_score"}
    settings = json.loads(read_metadata(tmp_path / "strict.parquet")["settings"])
    assert settings["classes"]["star"]["class_score"] == 0.95
    (tmp_path / "by_hand.csv").write_text("mask_id,verdict,class\n5,rename,ring\n1,reject,\n")
    by_hand = ["--corrections", tmp_path / "by_hand.csv", "--crops", paths["crops"], *words]
    script("check_corrections.py", *by_hand, "--output", tmp_path / "by_hand.parquet")
    corrected = ["--similarity", "0.7", "--corrections", tmp_path / "by_hand.parquet"]
    script("select_labels.py", *tables, *words, "--output", tmp_path / "corrected.parquet", *corrected)
    found = read_table(tmp_path / "corrected.parquet", LABELS)
    assert found["kept"].to_pylist() == [False, True, True, True, True]
    assert found["class_id"].to_pylist() == [1, 1, 1, 1, 2]
    assert read_metadata(tmp_path / "corrected.parquet")["settings"] == read_metadata(labels)["settings"]
    gather = ["--labels", labels, "--masks", paths["masks"], "--frames", paths["frames"], *words]
    script("gather_samples.py", *gather, "--output", tmp_path / "train.arrow", "--code-digest", "abc")
    table = pa.ipc.open_file(tmp_path / "train.arrow").read_all()
    assert list(map(len, table["class_ids"].to_pylist())) == [2, 2]
    assert table.schema.metadata[b"code"] == b"abc"
    assert json.loads(table.schema.metadata[b"settings"])["similarity"] == 0.7
