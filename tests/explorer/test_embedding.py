import numpy as np
import pytest

from uvis_core.explorer.embedding import map_of_sample, principal_plane, read_embeddings, sampled_rows
from uvis_core.explorer.rows import Rows
from uvis_core.explorer.run import RunFolder
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_matrix, read_table


def test_embeddings_belong_to_their_rows(run: RunFolder, rows: Rows) -> None:
    some = np.array([90, 3, 40])
    found = read_embeddings(rows, run.splits["train"], some)
    known = {}
    for path in run.splits["train"].tables["crops"]:
        table = read_table(path, CROPS)
        vectors = embedding_matrix(table["embedding"])
        known |= dict(zip(table["mask_id"].to_pylist(), vectors, strict=True))
    np.testing.assert_array_equal(found, np.stack([known[one] for one in rows.mask_ids[some].tolist()]))


def test_prototypes_lie_among_the_crops_of_their_class(run: RunFolder, rows: Rows) -> None:
    assert run.centroids is not None
    found = map_of_sample(rows, run.splits["train"], run.centroids)
    classes = rows.classes(found.rows)
    assert found.prototype_classes.tolist() == [0, 1, 2]
    centres = np.stack([found.points[classes == place].mean(axis=0) for place in range(3)])
    distances = np.linalg.norm(centres[:, None] - found.prototype_points[None], axis=2)
    assert distances.argmin(axis=1).tolist() == [0, 1, 2]
    assert 0.5 < found.explained <= 1


def test_the_plane_holds_the_widest_axes() -> None:
    random = np.random.default_rng(0)
    values = (random.normal(size=(500, 5)) * [0.1, 3, 0.2, 7, 0.1]).astype(np.float32)
    points, others, share = principal_plane(values, np.array([[0, 0, 0, 1, 0]], np.float32))
    assert points.std(axis=0) == pytest.approx([7, 3], rel=0.1)
    assert share == pytest.approx(58 / (58 + 0.06), abs=0.01)
    assert others.shape == (1, 2)
    assert principal_plane(values[:2], values[:1])[2] == 0.0


def test_a_sample_is_drawn_by_seed_and_not_larger_than_asked(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvis_core.explorer.embedding.PIECE", 10)
    found = sampled_rows(rows, 40)
    assert len(found) == 40
    assert found.tolist() == sampled_rows(rows, 40).tolist()
    assert sampled_rows(rows, 1000).tolist() == list(range(len(rows)))
