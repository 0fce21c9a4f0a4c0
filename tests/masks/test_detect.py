import numpy as np
import torch
from detectron2.structures import Boxes, Instances

from uvis_core.masks.detect import detect

CPU = torch.device("cpu")


class Found:
    """Stands for a detector that finds the same boxes, filled to the given probability, in every frame."""

    def __init__(self, scores, probabilities, boxes):
        self.scores, self.probabilities, self.boxes = scores, probabilities, boxes

    def inference(self, inputs, do_postprocess):
        assert not do_postprocess
        return [self.instances(one["image"].shape[1:]) for one in inputs]

    def instances(self, size):
        instances = Instances(size)
        instances.scores = torch.tensor(self.scores)
        masks = torch.tensor(self.probabilities).reshape(-1, 1, 1, 1).expand(-1, 1, 28, 28)
        instances.pred_masks = masks.bfloat16()
        instances.pred_boxes = Boxes(torch.tensor(self.boxes).reshape(-1, 4))
        return instances


def test_sorted_by_objectness_at_the_frames_size_and_without_empty_masks():
    boxes = [[0.0, 0.0, 4.0, 4.0], [4.0, 4.0, 8.0, 8.0], [0.0, 0.0, 8.0, 8.0]]
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    found = detect(Found([0.3, 0.9, 0.8], [0.9, 0.1, 0.9], boxes), images, (2, 2), CPU, "fp32")
    assert len(found) == 2
    for frame in found:
        np.testing.assert_allclose(frame.objectness, [0.8, 0.3])
        np.testing.assert_allclose(frame.boxes_xyxy_px, [[0, 0, 2, 2], [0, 0, 1, 1]])
        assert [runs.tolist() for runs in frame.runs] == [[0, 4], [0, 1, 3]]


def test_low_precision_does_not_move_masks():
    images = torch.zeros(1, 3, 600, 800, dtype=torch.uint8)
    (frame,) = detect(Found([0.9], [1.0], [[101.0, 33.0, 702.0, 534.0]]), images, (600, 800), CPU, "bf16")
    outside, inside = frame.runs[0][0::2], frame.runs[0][1::2]
    # One run per column; the corners are cut, as pasting fades out over the last of 28 cells.
    assert outside[0] // 600 == 101
    assert len(inside) == 702 - 101
    assert inside.max() == 534 - 33


def test_nothing_found():
    images = torch.zeros(1, 3, 8, 8, dtype=torch.uint8)
    (frame,) = detect(Found([], [], []), images, (2, 2), CPU, "fp32")
    assert frame.runs == []
    assert frame.objectness.shape == (0,)
    assert frame.boxes_xyxy_px.shape == (0, 4)
