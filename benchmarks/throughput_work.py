"""What the throughput benchmark repeats: a batch of masks, of crops, of training or of tracks on random frames."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from uvis_core.config.base import Precision
from uvis_core.config.masks import DetectorModel
from uvis_core.config.tracks import TracksSettings
from uvis_core.config.training import LossSettings, TrainingSettings
from uvis_core.crops.clip import build_clip, encode_images
from uvis_core.io.devices import autocast
from uvis_core.masks.cascade import build_detector, for_inference
from uvis_core.masks.detect import detect
from uvis_core.model.images import padded_size
from uvis_core.model.minvis import MinVIS, placed
from uvis_core.tracks.inference import track_video
from uvis_core.training.dataset import Batch, Sample
from uvis_core.training.loop import train_step
from uvis_core.training.optimiser import make_optimiser
from uvis_core.training.processes import Processes
from uvis_core.training.recipes import TrainedNetwork

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
    training: tuple[int, ...] = (2, 8, 32)
    tracks: tuple[int, ...] = (1, 8, 32)
    seconds: float = 5.0


QUICK = Sizes(
    detector_px=(128, 224),
    proposals=100,
    video_px=(120, 214),
    short_side_px=96,
    points=256,
    frames=4,
    clips=(("ViT-B-32", (2, 8)),),
    masks=(1, 2),
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
    detector = for_inference(detector, device)

    def work(batch: int) -> Callable[[], object]:
        images = noise(batch, 3, *sizes.detector_px)
        return lambda: detect(detector, images, sizes.video_px, device, precision)

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
    model = placed(MinVIS(TrainingSettings().model, CLASSES), device)
    frames = noise(sizes.frames, 3, *frame_size(sizes))
    return lambda batch: lambda: track_video(model, frames.split(batch), sizes.video_px, settings)
