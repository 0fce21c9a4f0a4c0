import numpy as np
import torch
from detectron2.structures import Boxes, Instances

from uvis_core.masks.detect import detect

CPU = torch.device("cpu")


def found_by(scores, masks, boxes):
    """A detector that finds the same in every frame."""

    def detector(inputs):
        results = []
        for one in inputs:
            instances = Instances((one["height"], one["width"]))
            instances.scores = torch.tensor(scores)
            instances.pred_masks = torch.tensor(masks).bool()
            instances.pred_boxes = Boxes(torch.tensor(boxes))
            results.append({"instances": instances})
        return results

    return detector


def test_sorted_by_objectness_and_without_empty_masks():
    masks = [[[1, 0], [0, 0]], [[0, 0], [0, 0]], [[1, 1], [1, 1]]]
    boxes = [[0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.0]]
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    found = detect(found_by([0.3, 0.9, 0.8], masks, boxes), images, (2, 2), CPU, "fp32")
    assert len(found) == 2
    for frame in found:
        np.testing.assert_allclose(frame.objectness, [0.8, 0.3])
        np.testing.assert_allclose(frame.boxes_xyxy_px, [boxes[2], boxes[0]])
        assert [runs.tolist() for runs in frame.runs] == [[0, 4], [0, 1, 3]]


def test_nothing_found():
    images = torch.zeros(1, 3, 8, 8, dtype=torch.uint8)
    nothing = found_by([], np.zeros((0, 2, 2), dtype=np.uint8), np.zeros((0, 4)))
    (frame,) = detect(nothing, images, (2, 2), CPU, "fp32")
    assert frame.runs == []
    assert frame.objectness.shape == (0,)
    assert frame.boxes_xyxy_px.shape == (0, 4)
