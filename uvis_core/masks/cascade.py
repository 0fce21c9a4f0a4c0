"""CutLER's detector: a Cascade Mask R-CNN with feature pyramid, built by detectron2."""

import logging
import warnings
from collections.abc import Mapping

import torch
from detectron2.config import CfgNode, get_cfg
from detectron2.layers import Conv2d
from detectron2.modeling import GeneralizedRCNN, build_model
from detectron2.modeling.poolers import ROIPooler
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from uvis_core.config.base import Precision
from uvis_core.config.masks import DetectorModel, MasksSettings
from uvis_core.io.images import PIXEL_MEAN, PIXEL_STD
from uvis_core.io.weights import load_strict, read_state_dict
from uvis_core.masks.roi_align import RowsRoIAlign
from uvis_core.model.winograd import use_winograd

PYRAMID = ("p2", "p3", "p4", "p5", "p6")


def detector_config(model: DetectorModel, *, score_floor: float, detections: int) -> CfgNode:
    """CutLER's published configuration [1], at the given size.

    Batch norm is written as plain ``BN``: the published ``SyncBN`` holds the same tensors, differs only in training
    on several GPUs, and does not train on a CPU.

    Args:
        model: Channel counts, anchors and input size.
        score_floor: Detections must have a higher objectness than this; applied before masks are computed.
        detections: At most so many detections per frame.

    References:
        [1] Wang et al., Cut and Learn for Unsupervised Object Detection and Instance Segmentation, CVPR 2023.
    """
    cfg = get_cfg()
    cfg.INPUT.FORMAT = "RGB"
    cfg.TEST.DETECTIONS_PER_IMAGE = detections
    node = cfg.MODEL
    node.DEVICE = "cpu"
    node.MASK_ON = True
    node.PIXEL_MEAN, node.PIXEL_STD = list(PIXEL_MEAN), list(PIXEL_STD)
    node.BACKBONE.NAME = "build_resnet_fpn_backbone"
    node.BACKBONE.FREEZE_AT = 0
    node.RESNETS.DEPTH = model.depth
    node.RESNETS.OUT_FEATURES = ["res2", "res3", "res4", "res5"]
    node.RESNETS.NORM = "BN"
    node.RESNETS.STRIDE_IN_1X1 = False
    node.RESNETS.STEM_OUT_CHANNELS = model.stem_channels
    node.RESNETS.RES2_OUT_CHANNELS = model.res2_channels
    node.RESNETS.WIDTH_PER_GROUP = model.width_per_group
    node.FPN.IN_FEATURES = ["res2", "res3", "res4", "res5"]
    node.FPN.OUT_CHANNELS = model.fpn_channels
    node.FPN.NORM = "BN"
    node.ANCHOR_GENERATOR.SIZES = [[size] for size in model.anchor_sizes_px]
    node.RPN.IN_FEATURES = list(PYRAMID)
    node.RPN.NMS_THRESH = 0.65
    for name in ("PRE_NMS_TOPK_TEST", "POST_NMS_TOPK_TEST", "POST_NMS_TOPK_TRAIN"):
        node.RPN[name] = model.proposals
    node.RPN.PRE_NMS_TOPK_TRAIN = 2 * model.proposals
    node.ROI_HEADS.NAME = "CascadeROIHeads"
    node.ROI_HEADS.NUM_CLASSES = 1
    node.ROI_HEADS.IN_FEATURES = list(PYRAMID[:4])
    node.ROI_HEADS.SCORE_THRESH_TEST = score_floor
    node.ROI_BOX_HEAD.NAME = "FastRCNNConvFCHead"
    node.ROI_BOX_HEAD.NUM_FC = 2
    node.ROI_BOX_HEAD.FC_DIM = model.fc_dim
    node.ROI_BOX_HEAD.POOLER_RESOLUTION = 7
    node.ROI_BOX_HEAD.CLS_AGNOSTIC_BBOX_REG = True
    node.ROI_MASK_HEAD.NAME = "MaskRCNNConvUpsampleHead"
    node.ROI_MASK_HEAD.NUM_CONV = model.mask_convs
    node.ROI_MASK_HEAD.CONV_DIM = model.mask_channels
    node.ROI_MASK_HEAD.POOLER_RESOLUTION = 14
    return cfg


def build_detector(
    model: DetectorModel, *, score_floor: float = 0.0, detections: int = 100
) -> GeneralizedRCNN:
    """Build the detector on the CPU with random weights, drawn from torch's global generator."""
    quiet_detectron2()
    return build_model(detector_config(model, score_floor=score_floor, detections=detections))


def quiet_detectron2() -> None:
    """Silence two notices that detectron2's own calls of torch give and nobody here can act upon."""
    warnings.filterwarnings("ignore", message="torch.meshgrid", category=UserWarning)
    logging.getLogger("torch.fx._symbolic_trace").setLevel(logging.ERROR)


def load_detector(settings: MasksSettings, device: torch.device) -> GeneralizedRCNN:
    """Build the detector, load its checkpoint strictly, and set it to inference on ``device``.

    Raises:
        UserError: The file is missing, or its tensors do not fit the configured size; names them.
    """
    detector = build_detector(
        settings.model, score_floor=settings.objectness_floor, detections=settings.max_masks_per_frame
    )
    state = published_layout(detector, read_state_dict(settings.weights))
    load_strict(detector, state, settings.weights)
    return for_inference(detector, device, settings.precision)


def for_inference(
    detector: GeneralizedRCNN, device: torch.device, precision: Precision = "fp32"
) -> GeneralizedRCNN:
    """Set the detector to inference on ``device``, in the form that is fastest there; it is changed in place.

    Results change by rounding alone. It cannot be trained afterwards, nor stored under the published names.
    """
    detector.eval()
    for module in detector.modules():
        if isinstance(module, Conv2d) and isinstance(module.norm, nn.BatchNorm2d):
            fused = fuse_conv_bn_eval(module, module.norm)
            module.weight, module.bias = fused.weight, fused.bias
            module.norm = None
        if isinstance(module, ROIPooler):
            module.level_poolers = nn.ModuleList(RowsRoIAlign(pooler) for pooler in module.level_poolers)
    if device.type == "cpu" and precision == "fp32":
        use_winograd(detector)
        pyramid = detector.backbone
        # In lists of its own, from the coarsest level on.
        pyramid.output_convs = [getattr(pyramid, f"fpn_output{level}") for level in (5, 4, 3, 2)]
    # Channels last is what convolutions run fastest in, by a quarter on a CPU.
    return detector.to(memory_format=torch.channels_last).to(device)


def published_layout(detector: nn.Module, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Drop the constants that older versions of detectron2 stored with the weights: pixel mean, anchors.

    They are dropped only where they equal the model's own, so that a checkpoint made for other anchors is refused.
    """
    learned = detector.state_dict().keys()
    constants = {name: value for name, value in detector.named_buffers() if name not in learned}
    return {name: value for name, value in state.items() if not _same(constants.get(name), value)}


def _same(own: Tensor | None, given: Tensor) -> bool:
    return own is not None and own.shape == given.shape and torch.allclose(own, given.to(own))
