"""What the throughput benchmark repeats: a batch of masks, cuts, crops, training or tracks on random frames."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import get_args

import torch
from torch.nn import functional

from uvis_core.config.base import Precision
from uvis_core.config.masks import DetectorModel, MaskCutSettings
from uvis_core.config.tracks import TracksSettings
from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.crops.clip import build_clip, encode_images
from uvis_core.io.devices import autocast
from uvis_core.masks.cascade import build_detector, for_inference
from uvis_core.masks.cut import cut_frames
from uvis_core.masks.detect import detect
from uvis_core.model import inference
from uvis_core.model.images import padded_size
from uvis_core.model.minvis import MinVIS, placed
from uvis_core.tracks.inference import track_video
from uvis_core.training.dataset import Batch, Sample
from uvis_core.training.loop import train_step
from uvis_core.training.optimiser import make_optimiser
from uvis_core.training.processes import Processes
from uvis_core.training.recipes import TrainedNetwork
from uvis_core.vit.transformer import build_vit, patch_features

PARTS = ("masks", "maskcut", "crops", "training", "tracks")
CUT = MaskCutSettings(
    model="vit_small_patch8_224", features="keys", affinity_threshold=0.15, motion_tolerance=None
)
"""As MaskCut was published, on DINO's ViT-S/8."""
CLASSES = range(1, 41)
INSTANCES = 3
Work = Callable[[int], Callable[[], object]]


@dataclass(frozen=True)
class Sizes:
    """What is measured.

    Attributes:
        detector_px: Height and width of the frames that the detector sees.
        proposals: Of the detector.
        video_px: Height and width of the videos.
        short_side_px: Of the frames that MinVIS sees.
        points: Per mask in the training losses.
        frames: Of the tracked video.
        clips: CLIP models and their batch sizes.
        masks: Batch sizes of the detector.
        maskcut: Batch sizes of the cuts.
        patches: Along each side of the frames that are cut, of eight pixels each.
        training: Frames per step.
        tracks: Frames per window.
        seconds: So long is each case repeated at least.
    """

    detector_px: tuple[int, int] = (750, 1333)
    proposals: int = 1000
    video_px: tuple[int, int] = (720, 1280)
    short_side_px: int = 360
    points: int = 12544
    frames: int = 64
    clips: tuple[tuple[str, tuple[int, ...]], ...] = (
        ("ViT-B-32", (64, 256, 1024)),
        ("ViT-bigG-14", (16, 64, 256)),
    )
    masks: tuple[int, ...] = (1, 4, 16)
    maskcut: tuple[int, ...] = (1, 4, 16)
    patches: int = 60
    training: tuple[int, ...] = (2, 8, 32)
    tracks: tuple[int, ...] = (1, 8, 32)
    seconds: float = 5.0


ON_CPU = Sizes(
    frames=4,
    clips=(("ViT-B-32", (1, 64)),),
    masks=(1,),
    maskcut=(1,),
    training=(1,),
    tracks=(4,),
    seconds=1.0,
)
"""The published frames, and fewer of them."""
QUICK = Sizes(
    detector_px=(128, 224),
    proposals=100,
    video_px=(120, 214),
    short_side_px=96,
    points=256,
    frames=4,
    clips=(("ViT-B-32", (2, 8)),),
    masks=(1, 2),
    maskcut=(1, 2),
    patches=16,
    training=(1, 2),
    tracks=(1, 4),
    seconds=0.2,
)


def frame_size(sizes: Sizes) -> tuple[int, int]:
    """Height and width of MinVIS's frames."""
    height, width = sizes.video_px
    return sizes.short_side_px, round(width * sizes.short_side_px / height)


def noise(*shape: int) -> torch.Tensor:
    """Random uint8 pixels."""
    return torch.randint(0, 256, shape, dtype=torch.uint8)


def masks_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """The detector over a batch of frames, masks pasted and run-length encoded."""
    detector = build_detector(DetectorModel(proposals=sizes.proposals), score_floor=0.1)
    detector = for_inference(detector, device, precision)

    def work(batch: int) -> Callable[[], object]:
        images = noise(batch, 3, *sizes.detector_px)
        return lambda: detect(detector, images, sizes.video_px, device, precision)

    return work


def features_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """The vision transformer over a batch of frames, to the features that are cut."""
    vit = build_vit(CUT.model)
    vit.model.to(device)

    def work(batch: int) -> Callable[[], object]:
        images = noise(batch, 3, vit.patch_px * sizes.patches, vit.patch_px * sizes.patches)
        return lambda: patch_features(vit, images, CUT.features, precision)

    return work


def cuts_work(sizes: Sizes, device: torch.device, _: Precision) -> Work:
    """Three cuts of the patches of a batch of frames: three discs on a background that changes from place to place."""
    side, width = sizes.patches, 384
    rows, columns = torch.meshgrid(torch.arange(side) / side, torch.arange(side) / side, indexing="ij")

    def work(batch: int) -> Callable[[], object]:
        coarse = torch.randn(batch, width, 8, 8)
        looks = functional.interpolate(coarse, size=(side, side), mode="bicubic").permute(0, 2, 3, 1)
        for y, x, radius in ((0.3, 0.3, 0.16), (0.65, 0.7, 0.2), (0.75, 0.25, 0.1)):
            inside = (rows - y) ** 2 + (columns - x) ** 2 < radius**2
            looks = torch.where(inside[..., None], 0.5 * looks + torch.randn(width), looks)
        features = functional.normalize(looks + 0.2 * torch.randn(looks.shape), dim=-1).to(device)
        return torch.inference_mode()(lambda: cut_frames(features, None, CUT))

    return work


def crops_work(model: str, device: torch.device, precision: Precision) -> Work:
    """CLIP's image tower over a batch of prepared crops."""
    clip = build_clip(model, precision=precision)
    clip.model.visual.to(device)

    def work(batch: int) -> Callable[[], object]:
        crops = torch.rand(batch, 3, 224, 224)

        @torch.inference_mode()
        def run() -> object:
            with autocast(device, precision):
                return encode_images(clip, crops.to(device)).cpu()

        return run

    return work


def training_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """One optimiser step of the MinVIS R50 recipe on a frozen backbone."""
    settings = TrainingSettings(
        precision=precision, loss=LossSettings(points=sizes.points), backbone="random"
    )
    model = placed(MinVIS(settings.model, CLASSES), device).train()
    network = TrainedNetwork(model, settings, 0)
    optimiser = make_optimiser(model, settings)
    height, width = frame_size(sizes)
    masks = torch.zeros(INSTANCES, height, width, dtype=torch.uint8)
    for place in range(INSTANCES):
        masks[place, place * 20 : place * 20 + height // 2, : width // (place + 2)] = 1

    def work(batch: int) -> Callable[[], object]:
        samples = [
            Sample(place, "random", noise(3, height, width), masks, torch.arange(INSTANCES))
            for place in range(batch)
        ]
        whole = Batch(0, samples, padded_size([(height, width)]))
        processes = Processes(0, 1, device)
        return lambda: train_step(network, model, optimiser, whole, settings, 0, processes)

    return work


def tracks_work(sizes: Sizes, device: torch.device, precision: Precision) -> Work:
    """MinVIS over a video, with the tracking memory and the final masks of the ten best tracks."""
    settings = TracksSettings(precision=precision, short_side_px=sizes.short_side_px)
    model = inference.for_inference(MinVIS(TrainingSettings().model, CLASSES), device, precision)
    frames = noise(sizes.frames, 3, *frame_size(sizes))
    return lambda batch: lambda: track_video(model, frames.split(batch), sizes.video_px, settings)


@dataclass(frozen=True)
class Case:
    """One model, measured in every precision and batch size.

    Attributes:
        items: Units per call; the batch itself where None.
        precisions: That make a difference.
    """

    part: str
    model: str
    unit: str
    batches: tuple[int, ...]
    build: Callable[[Precision], Work]
    items: int | None = None
    precisions: tuple[Precision, ...] = get_args(Precision)


def cases_of(sizes: Sizes, device: torch.device) -> list[Case]:
    """All that is measured, part by part."""
    minvis = "MinVIS R50"
    return [
        Case("masks", "CutLER R50", "frames", sizes.masks, partial(masks_work, sizes, device)),
        Case("maskcut", "ViT-S/8", "frames", sizes.maskcut, partial(features_work, sizes, device)),
        Case(
            "maskcut",
            "three cuts",
            "frames",
            sizes.maskcut,
            partial(cuts_work, sizes, device),
            precisions=("fp32",),
        ),
        *(
            Case("crops", model, "crops", batches, partial(crops_work, model, device))
            for model, batches in sizes.clips
        ),
        Case("training", minvis, "steps", sizes.training, partial(training_work, sizes, device), 1),
        Case("tracks", minvis, "frames", sizes.tracks, partial(tracks_work, sizes, device), sizes.frames),
    ]
