import numpy as np
import pytest
import torch

from uvis_core.crops.clip import encode_images, load_clip
from uvis_core.crops.cut import cut_crop
from uvis_core.crops.score import masked_frames, score_crops
from uvis_core.crops.text import TextEmbeddings, embed_vocabulary
from uvis_core.io.errors import UserError
from uvis_core.io.images import read_image
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_matrix, read_table, write_table

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def text(tiny_settings, vocabulary):
    return embed_vocabulary(vocabulary, tiny_settings, device=CPU, batch_size=16)


@pytest.fixture
def score(tiny_settings, text, tables):
    def run(batch_size=3, workers=0, text=text, **changes):
        settings = tiny_settings.model_copy(update=changes)
        return score_crops(*tables, text, settings, device=CPU, batch_size=batch_size, workers=workers)

    return run


def test_rows_and_columns(score, tables, text, tmp_path):
    write_table(tmp_path / "crops.parquet", CROPS, score())
    table = read_table(tmp_path / "crops.parquet", CROPS)
    masks, _ = tables
    for name in ("mask_id", "video_id", "frame_index"):
        assert table[name].to_pylist() == masks[name].to_pylist()
    embeddings = embedding_matrix(table["embedding"])
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=2e-3)
    for row, embedding in zip(table.to_pylist(), embeddings, strict=True):
        cosines = np.where(text.is_prompt, text.embeddings.numpy() @ embedding, -1).max(axis=1)
        order = np.argsort(-cosines)[:2]
        assert row["top_class_ids"] == text.class_ids.numpy()[order].tolist()
        assert row["class_id"] == row["top_class_ids"][0]
        np.testing.assert_allclose(row["top_cosines"], cosines[order], atol=2e-3)
        assert row["cosine"] == row["top_cosines"][0]
        scale = float(text.logit_scale)
        np.testing.assert_allclose(row["top_logits"], scale * np.array(row["top_cosines"]), rtol=1e-5)
        exponentials = np.exp(scale * (cosines - cosines.max()))
        np.testing.assert_allclose(row["class_score"], 1 / exponentials.sum(), atol=0.02)


def test_each_mask_gets_its_own_crop(score, tables, tiny_settings):
    masks, frames = tables
    row = 4  # third mask of frame 2 of video a
    box = np.array(masks["box_xyxy_px"][row].as_py())
    image = read_image(frames["path"][2].as_py())
    clip = load_clip(tiny_settings)
    crop = cut_crop(
        image, box, None, margin=0, background="keep", square_padding=True, fill_rgb=clip.fill_rgb
    )
    with torch.inference_mode():
        expected = encode_images(clip, clip.prepare(crop)[None])[0].numpy()
    np.testing.assert_allclose(embedding_matrix(score()["embedding"])[row], expected, atol=1e-3)


@pytest.mark.parametrize(("batch_size", "workers"), [(1, 0), (2, 1), (100, 2)])
def test_batch_size_and_workers_change_nothing(score, batch_size, workers):
    reference, other = score(), score(batch_size, workers)
    assert other["class_id"].tolist() == reference["class_id"].tolist()
    np.testing.assert_allclose(other["class_score"], reference["class_score"], atol=1e-5)
    np.testing.assert_allclose(
        embedding_matrix(other["embedding"]), embedding_matrix(reference["embedding"]), atol=1e-3
    )


@pytest.mark.parametrize("background", ["mean", "blur"])
def test_background_changes_the_embedding(score, background):
    kept, changed = (embedding_matrix(score(background=value)["embedding"]) for value in ("keep", background))
    # The boxes are as tight as the masks but for the first of each frame; a margin shows the background.
    wide = embedding_matrix(score(background=background, margin=0.5)["embedding"])
    assert np.abs(wide - embedding_matrix(score(margin=0.5)["embedding"])).max() > 1e-2
    np.testing.assert_allclose(kept, changed, atol=1e-3)


def test_readings(score):
    raw = score(reading="cosine")
    np.testing.assert_array_equal(raw["class_score"], raw["cosine"])
    assert score(reading="softmax_mean")["cosine"].max() <= raw["cosine"].max()


def test_top_k_is_held_to_the_vocabulary(score):
    columns = score(top_k=10)
    assert {len(ids) for ids in columns["top_class_ids"]} == {3}
    assert sorted(columns["top_class_ids"][0].as_py()) == [1, 3, 9]


def test_no_masks(tiny_settings, text, tables, tmp_path):
    masks, frames = tables
    columns = score_crops(masks.slice(0, 0), frames, text, tiny_settings, device=CPU, batch_size=4, workers=0)
    write_table(tmp_path / "crops.parquet", CROPS, columns)
    table = read_table(tmp_path / "crops.parquet", CROPS)
    assert table.num_rows == 0
    assert table["embedding"].type.list_size == 8


def test_masks_are_grouped_by_frame(tables):
    assert [len(frame.boxes_xyxy_px) for frame in masked_frames(*tables)] == [2, 3, 1, 1]


def test_frame_that_is_not_in_the_index(tables):
    masks, frames = tables
    with pytest.raises(UserError, match="frame 0 of video 'b'"):
        list(masked_frames(masks, frames.slice(0, 3)))


@pytest.mark.parametrize("workers", [0, 1])
def test_missing_frame_is_named(score, tmp_path, workers):
    (tmp_path / "b-0.png").unlink()
    with pytest.raises(UserError, match=r"b-0\.png"):
        score(workers=workers)


def test_frame_of_another_size_is_named(tiny_settings, text, tables):
    masks, frames = tables
    swapped = frames.set_column(
        frames.schema.get_field_index("path"), "path", [frames["path"].to_pylist()[::-1]]
    )
    with pytest.raises(UserError, match=r"b-1\.png: is 25 x 16"):
        score_crops(masks, swapped, text, tiny_settings, device=CPU, batch_size=4, workers=0)


def test_vocabulary_of_another_model_is_refused(score, text):
    wide = TextEmbeddings(text.embeddings.repeat(1, 1, 2), text.is_prompt, text.class_ids, text.logit_scale)
    with pytest.raises(UserError, match="8 embedding dimensions, the vocabulary 16"):
        score(text=wide)
