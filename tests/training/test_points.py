import torch

from uvis_core.config.training import LossSettings
from uvis_core.training.points import draw_points, sample_at, uncertain_points

CPU = torch.device("cpu")


def test_corners_and_centres_of_pixels():
    values = torch.tensor([[[[1.0, 3.0]]]])  # one row of two pixels
    points = torch.tensor([[[0.25, 0.5], [0.75, 0.5], [0.5, 0.5]]])
    assert sample_at(values, points).tolist() == [[[1.0, 3.0, 2.0]]]


def test_points_of_an_image_depend_on_its_index_alone():
    settings = LossSettings(points=8)
    both = draw_points(1, [10, 11], [2, 3], settings, CPU)
    second = draw_points(1, [11], [3], settings, CPU)
    assert torch.equal(both.matching[1:], second.matching)
    assert torch.equal(both.candidates[2:], second.candidates)
    assert torch.equal(both.uniform[2:], second.uniform)
    assert not torch.equal(second.matching, draw_points(2, [11], [3], settings, CPU).matching)


def test_numbers_of_points():
    drawn = draw_points(0, [0], [2], LossSettings(points=8, oversampling=3, importance=0.75), CPU)
    assert drawn.matching.shape == (1, 8, 2)
    assert drawn.candidates.shape == (2, 24, 2)
    assert drawn.uniform.shape == (2, 2, 2)


def test_every_frame_of_a_clip_has_points_of_its_own_and_matching_has_one_set():
    settings = LossSettings(points=8, oversampling=3, importance=0.75)
    drawn = draw_points(0, [0], [2], settings, CPU, length=3)
    assert drawn.matching.shape == (1, 8, 2)
    assert drawn.candidates.shape == (6, 24, 2)
    assert drawn.uniform.shape == (6, 2, 2)
    assert len(drawn.candidates.unique(dim=0)) == 6


def test_uncertain_points_lie_where_the_logit_is_nearest_zero():
    logits = torch.tensor([[[-4.0, 0.1, 5.0]]])
    candidates = torch.tensor([[[1 / 6, 0.5], [0.5, 0.5], [5 / 6, 0.5]]])
    uniform = torch.tensor([[[0.9, 0.9]]])
    assert torch.equal(
        uncertain_points(logits, candidates, uniform, 1), torch.tensor([[[0.5, 0.5], [0.9, 0.9]]])
    )
