import numpy as np
import pytest
import torch
from PIL import Image

from tests.vit.tiny import write_tiny_vit
from uvis_core.config.crops import CropsSettings
from uvis_core.crops.encoders import load_encoder
from uvis_core.crops.score import score_crops
from uvis_core.io.schemas.crops import CROPS
from uvis_core.io.tables import embedding_matrix, write_table
from uvis_core.vit.transformer import build_vit, class_features

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    path = write_tiny_vit(tmp_path_factory.mktemp("vit"))
    return CropsSettings(backend="vit", model="test_vit", weights=str(path), input_px=40)


def test_crops_become_squares_of_whole_patches(settings):
    encoder = load_encoder(settings, CPU)
    crop = Image.fromarray(np.full((10, 30, 3), 255, np.uint8))
    prepared = encoder.prepare(crop)
    assert prepared.shape == (3, 32, 32)
    # White, by the mean and deviation of the model, whose fill colour becomes about zero.
    filled = encoder.prepare(Image.new("RGB", (8, 8), encoder.fill_rgb))
    assert filled.abs().max() < 0.01
    assert (prepared > 0.9).all()


def test_every_mask_gets_the_one_class_and_its_class_token(settings, tables, tmp_path):
    masks, frames = tables
    columns = score_crops(masks, frames, None, settings, device=CPU, batch_size=3, workers=0)
    write_table(tmp_path / "crops.parquet", CROPS, columns)
    assert set(columns["class_id"].tolist()) == {1}
    assert set(columns["class_score"].tolist()) == {1.0}
    assert set(columns["cosine"].tolist()) == {1.0}
    embeddings = embedding_matrix(columns["embedding"])
    assert embeddings.shape == (7, 64)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-3)
    assert len(np.unique(embeddings.round(3), axis=0)) > 1


def test_encodes_as_the_model_does(settings):
    encoder = load_encoder(settings, CPU)
    torch.manual_seed(0)
    vit = build_vit("test_vit")
    images = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(encoder.encode(images), class_features(vit, images))


def test_no_masks_give_an_empty_table(settings, tables, tmp_path):
    masks, frames = tables
    columns = score_crops(masks.slice(0, 0), frames, None, settings, device=CPU, batch_size=3, workers=0)
    write_table(tmp_path / "crops.parquet", CROPS, columns)
    assert embedding_matrix(columns["embedding"]).shape == (0, 64)
