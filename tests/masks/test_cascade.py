import copy

import pytest
import torch
from detectron2.structures import Boxes, Instances

from uvis_core.config.masks import DetectorModel, MasksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.weights import write_state_dict
from uvis_core.masks.cascade import build_detector, detector_config, load_detector, published_layout

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def published():
    return build_detector(DetectorModel())


def test_published_sizes(published):
    state = published.state_dict()
    # Names and shapes of the R50-FPN cascade as detectron2's model zoo and CutLER publish them.
    assert state["backbone.bottom_up.stem.conv1.weight"].shape == (64, 3, 7, 7)
    assert state["backbone.bottom_up.res5.2.conv3.weight"].shape == (2048, 512, 1, 1)
    assert state["backbone.bottom_up.res2.0.conv1.norm.running_var"].shape == (64,)
    assert state["backbone.fpn_lateral5.norm.weight"].shape == (256,)
    assert state["proposal_generator.rpn_head.objectness_logits.weight"].shape == (3, 256, 1, 1)
    assert state["roi_heads.box_head.2.fc1.weight"].shape == (1024, 256 * 7 * 7)
    assert state["roi_heads.box_predictor.0.cls_score.weight"].shape == (2, 1024)
    assert state["roi_heads.box_predictor.0.bbox_pred.weight"].shape == (4, 1024)
    assert state["roi_heads.mask_head.mask_fcn4.weight"].shape == (256, 256, 3, 3)
    assert state["roi_heads.mask_head.predictor.weight"].shape == (1, 256, 1, 1)


def test_published_settings():
    cfg = detector_config(DetectorModel(), score_floor=0.1, detections=100)
    assert cfg.INPUT.FORMAT == "RGB"
    assert cfg.MODEL.RESNETS.STRIDE_IN_1X1 is False
    assert cfg.MODEL.RPN.NMS_THRESH == 0.65
    assert cfg.MODEL.RPN.POST_NMS_TOPK_TEST == 1000
    assert cfg.MODEL.ROI_HEADS.SCORE_THRESH_TEST == 0.1
    assert cfg.TEST.DETECTIONS_PER_IMAGE == 100


def test_sync_batch_norm_holds_the_same_tensors(small_settings):
    plain = build_detector(small_settings.model)
    shapes = {name: tensor.shape for name, tensor in plain.state_dict().items()}
    synchronised = torch.nn.SyncBatchNorm.convert_sync_batchnorm(plain)
    assert any(isinstance(module, torch.nn.SyncBatchNorm) for module in synchronised.modules())
    assert {name: tensor.shape for name, tensor in synchronised.state_dict().items()} == shapes


def test_published_layout_loads(published, tmp_path):
    generator = torch.Generator().manual_seed(0)
    for name, tensor in published.state_dict().items():
        # Random statistics, so that a normalisation that got lost would show.
        if name.endswith(("running_mean", "norm.bias")):
            tensor.copy_(0.2 * torch.randn(tensor.shape, generator=generator))
        if name.endswith(("running_var", "norm.weight")):
            tensor.copy_(0.8 + 0.4 * torch.rand(tensor.shape, generator=generator))
    path = tmp_path / "cutler_cascade_final.pth"
    torch.save({"model": published.state_dict(), "iteration": 7}, path)
    loaded = load_detector(MasksSettings(weights=str(path)), CPU)
    assert not loaded.training
    image = torch.randint(0, 256, (3, 160, 224), generator=generator, dtype=torch.uint8)
    with torch.inference_mode():
        expected = published.eval().backbone(published.preprocess_image([{"image": image}]).tensor)
        features = loaded.backbone(loaded.preprocess_image([{"image": image}]).tensor)
        assert features.keys() == expected.keys()
        for name, feature in features.items():
            assert (feature - expected[name]).abs().max() <= 1e-4 * expected[name].abs().max(), name
        # Of given boxes: which ones a detector of random weights finds, rounding decides.
        boxes = Instances((160, 224))
        boxes.pred_boxes = Boxes(torch.tensor([[3.0, 5.0, 60.0, 90.0], [0.0, 0.0, 224.0, 160.0]]))
        boxes.pred_classes = torch.zeros(2, dtype=torch.int64)
        (wanted,) = published.roi_heads.forward_with_given_boxes(expected, [copy.deepcopy(boxes)])
        (found,) = loaded.roi_heads.forward_with_given_boxes(features, [boxes])
    torch.testing.assert_close(found.pred_masks, wanted.pred_masks, rtol=0, atol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda state: state.pop("backbone.fpn_output3.norm.bias"),
            "1 missing: backbone.fpn_output3.norm.bias",
        ),
        (
            lambda state: state.update({"backbone.stem": state.pop("backbone.bottom_up.stem.conv1.weight")}),
            "1 unexpected: backbone.stem",
        ),
        (
            lambda state: state.update({"roi_heads.mask_head.predictor.weight": torch.zeros(80, 8, 1, 1)}),
            "roi_heads.mask_head.predictor.weight (80, 8, 1, 1) instead of (1, 8, 1, 1)",
        ),
    ],
)
def test_another_layout_is_refused_by_name(small_settings, tmp_path, change, message):
    state = build_detector(small_settings.model).state_dict()
    change(state)
    path = tmp_path / "other.safetensors"
    write_state_dict(path, state)
    with pytest.raises(UserError) as error:
        load_detector(small_settings.model_copy(update={"weights": str(path)}), CPU)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_other_sizes_are_refused(small_settings):
    wider = small_settings.model_copy(
        update={"model": small_settings.model.model_copy(update={"fc_dim": 32})}
    )
    with pytest.raises(UserError, match=r"roi_heads\.box_head\.0\.fc1\.bias"):
        load_detector(wider, CPU)


def test_constants_of_older_versions(small_settings):
    detector = build_detector(small_settings.model)
    cell = "proposal_generator.anchor_generator.cell_anchors.0"
    constants = {"pixel_mean": detector.pixel_mean, cell: dict(detector.named_buffers())[cell]}
    state = detector.state_dict()
    assert published_layout(detector, {**state, **constants}).keys() == state.keys()
    other_anchors = {**state, cell: constants[cell] * 2}
    assert cell in published_layout(detector, other_anchors)


def test_the_floor_is_the_detectors_own(small_settings):
    detector = load_detector(small_settings, CPU)
    assert {layer.test_score_thresh for layer in detector.roi_heads.box_predictor} == {0.2}
    assert {layer.test_topk_per_image for layer in detector.roi_heads.box_predictor} == {5}
