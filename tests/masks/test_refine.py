import numpy as np
import torch

from uvis_core.masks.refine import box_mean, guided_filter, refine


def test_box_mean_counts_what_lies_inside():
    image = torch.arange(12.0).reshape(3, 4)
    mean = box_mean(image, 1)
    assert mean[0, 0] == (0 + 1 + 4 + 5) / 4
    assert mean[1, 1] == image[:3, :3].mean()
    assert mean[2, 3] == (6 + 7 + 10 + 11) / 4


def test_constants_stay_and_a_map_that_follows_the_colours_stays():
    guide = torch.rand(3, 20, 24, generator=torch.Generator().manual_seed(0))
    kept = guided_filter(guide, torch.full((1, 20, 24), 0.7), 3)
    np.testing.assert_allclose(kept, 0.7, atol=1e-9)
    linear = (0.2 * guide[0] + 0.5 * guide[2])[None]
    np.testing.assert_allclose(guided_filter(guide, linear, 3), linear, atol=0.02)


def test_masks_move_to_the_edges_of_the_frame():
    image = torch.zeros(3, 48, 64, dtype=torch.uint8)
    image[:, 10:38, 17:46] = 220
    soft = torch.zeros(1, 6, 8)
    soft[0, 1:5, 2:6] = 1  # rows 8 to 40, columns 16 to 48
    truth = image[0] > 0

    def iou(mask):
        return ((mask & truth).sum() / (mask | truth).sum()).item()

    coarse, fine = refine(soft, image, 0)[0], refine(soft, image, 6)[0]
    assert iou(fine) > 0.98 > iou(coarse)
