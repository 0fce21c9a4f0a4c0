import pytest
import torch

from tests.model.tiny import tiny_model
from uvis_core.training.dropout import PixelDropout

CPU = torch.device("cpu")
VALUES = torch.ones((4, 50, 64))


def test_the_share_is_dropped_and_the_mean_kept():
    dropout = PixelDropout(tiny_model(), 0.3, seed=0)
    dropout.start(range(4), CPU)
    dropped = dropout.dropped(VALUES)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / 0.7])
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.02)


def test_what_is_dropped_of_a_sample_depends_on_its_index_alone():
    dropout = PixelDropout(tiny_model(), 0.5, seed=1)
    dropout.start([10, 11], CPU)
    both = dropout.dropped(VALUES)  # two clips of two frames
    dropout.start([11], CPU)
    second = dropout.dropped(VALUES[2:])
    assert torch.equal(both[2:], second)
    assert not torch.equal(both[:2], second)
    assert not torch.equal(second, dropout.dropped(VALUES[2:]))


def test_it_acts_in_the_pixel_decoder_three_times_a_layer_and_in_training_alone(monkeypatch):
    model, places = tiny_model(), []
    dropout = PixelDropout(model, 0.3, seed=0)
    whole = dropout.dropped
    monkeypatch.setattr(dropout, "dropped", lambda values: places.append(values.shape) or whole(values))
    frames = torch.randn((2, 3, 64, 64), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        plain, still = tiny_model()(frames), model(frames)
        assert torch.equal(plain.mask_logits[-1], still.mask_logits[-1])
        assert not places
        model.train()
        dropout.start([0, 1], CPU)
        changed = model(frames)
    tokens = 8 * 8 + 4 * 4 + 2 * 2
    settings = model.settings
    assert places == [
        (2, tokens, settings.hidden_dim),
        (2, tokens, settings.encoder_ffn_dim),
        (2, tokens, settings.hidden_dim),
    ]
    assert (plain.mask_logits[-1] - changed.mask_logits[-1]).abs().max() > 1e-3
