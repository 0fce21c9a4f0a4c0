"""One forward pass of the detector over a batch of frames."""

import torch
from detectron2.modeling import GeneralizedRCNN
from detectron2.modeling.postprocessing import detector_postprocess
from torch import Tensor

from uvis_core.io.devices import Precision, autocast
from uvis_core.masks.detections import Detections
from uvis_core.masks.run_lengths import run_lengths


@torch.inference_mode()
def detect(
    detector: GeneralizedRCNN,
    images: Tensor,
    size_px: tuple[int, int],
    device: torch.device,
    precision: Precision,
) -> list[Detections]:
    """Detect on B frames of one size.

    The floor on objectness and the limit per frame are set in the detector: it applies them to the boxes, so masks are
    computed for the kept boxes alone, and only those are pasted into the frame.

    Args:
        detector: From ``load_detector``.
        images: uint8 (B, 3, h, w), RGB, resized for the detector.
        size_px: Height and width that masks and boxes are given at.
        device: The detector's device.
        precision: Of the forward pass; masks are pasted in float32.

    Returns:
        One entry per frame. Masks without any pixel are left out.
    """
    height, width = size_px
    images = images.to(device, non_blocking=True)
    with autocast(device, precision):
        results = detector.inference([{"image": image} for image in images], do_postprocess=False)
    found = []
    for result in results:
        # In bfloat16 the corners of a box of 500 pixels would be off by two.
        result.pred_masks = result.pred_masks.float()
        instances = detector_postprocess(result, height, width)
        # Where nothing is found, detectron2 gives masks as bytes.
        instances.pred_masks = instances.pred_masks.bool()
        instances = instances[instances.pred_masks.flatten(1).any(dim=1)]
        # Equal scores keep the detector's order.
        instances = instances[instances.scores.argsort(descending=True, stable=True)]
        found.append(
            Detections(
                runs=run_lengths(instances.pred_masks),
                boxes_xyxy_px=instances.pred_boxes.tensor.float().cpu().numpy(),
                objectness=instances.scores.float().cpu().numpy(),
            )
        )
    return found
