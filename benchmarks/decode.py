"""What frames cost: the frames stage beside ffmpeg alone, and ways to read a JPEG. Prints Markdown.

Everything runs on as many cores as ``--cores`` says, in turns; seconds are medians. The video shows the images to and
fro, without ``--images`` a made-up texture that moves.

    python benchmarks/decode.py --images FOLDER_OF_JPEGS
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path

import numpy as np
import torch
import torchvision

from uvis_core.config.frames import FramesSettings
from uvis_core.frames.extraction import extract_shard
from uvis_core.frames.sampling import sample
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.images import read_image, write_image
from uvis_core.io.video import decode_video, write_video

HEIGHT_PX, WIDTH_PX = 480, 854
STRIDE = 5
IMAGES = 40

Way = Callable[[], object]


def texture(count: int) -> Iterator[np.ndarray]:
    """Frames of a texture that moves by a few pixels each, uint8 RGB of shape (H, W, 3)."""
    shape = 1, 3, (HEIGHT_PX + 4 * count) // 8 + 1, WIDTH_PX // 8 + 1
    coarse = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0)).float()
    smooth = torch.nn.functional.interpolate(coarse, scale_factor=8, mode="bilinear")[0].byte()
    wide = smooth[:, :, :WIDTH_PX].permute(1, 2, 0).numpy()
    for number in range(count):
        yield wide[4 * number : 4 * number + HEIGHT_PX]


def video_ways(video: Path, folder: Path) -> dict[str, Way]:
    """Ways through all frames of a video, by what they do."""
    entry = VideoEntry("video", "video", str(video))

    def ours(stride: int) -> None:
        deque(decode_video(video, partial(sample, stride=stride, fps=None)), maxlen=0)

    def stage(stride: int) -> None:
        extract_shard([entry], FramesSettings(stride=stride), folder / "stage")

    ways: dict[str, Way] = {
        "ours: decoded to RGB": partial(ours, 1),
        f"ours: decoded, every {STRIDE}th to RGB": partial(ours, STRIDE),
        "ours: the frames stage, JPEG 95, 4:4:4": partial(stage, 1),
        f"ours: the frames stage, every {STRIDE}th": partial(stage, STRIDE),
    }
    if shutil.which("ffmpeg"):
        images = folder / "ffmpeg"
        images.mkdir()
        outputs = {
            "ffmpeg: decoded": ["-f", "null", "-"],
            "ffmpeg: decoded to RGB": ["-pix_fmt", "rgb24", "-f", "rawvideo", os.devnull],
            "ffmpeg: JPEG -q 2, 4:4:4": ["-q:v", "2", "-pix_fmt", "yuvj444p", str(images / "%05d.jpg")],
        }
        for name, output in outputs.items():
            command = ["ffmpeg", "-v", "error", "-y", "-i", str(video), *output]
            ways[name] = partial(subprocess.run, command, check=True)
    return ways


def image_ways(paths: list[Path]) -> dict[str, Way]:
    """Ways to read all images of a folder as RGB, by what they do."""

    def with_torchvision() -> None:
        for path in paths:
            torchvision.io.decode_jpeg(torchvision.io.read_file(str(path)))

    def with_pillow() -> None:
        for path in paths:
            read_image(path)

    ways: dict[str, Way] = {"ours: Pillow": with_pillow, "torchvision": with_torchvision}
    if find_spec("simplejpeg"):
        import simplejpeg

        def with_simplejpeg() -> None:
            for path in paths:
                simplejpeg.decode_jpeg(path.read_bytes())

        ways["simplejpeg"] = with_simplejpeg
    return ways


def print_table(title: str, ways: dict[str, Way], frames: int, repeats: int) -> None:
    """Frames per second of every way, and times the first one's speed."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    print(f"\n| {title} | frames/s | times the first |\n|---|---|---|")
    # The first turn warms up.
    rates = {name: frames / statistics.median(taken[1:]) for name, taken in seconds.items()}
    for name, rate in rates.items():
        print(f"| {name} | {rate:.0f} | {rate / next(iter(rates.values())):.2f} |")


def main(arguments: argparse.Namespace) -> None:
    """Measure on the cores that the command line allows."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = sorted(arguments.images.glob("*.jpg")) if arguments.images else []
        images = [read_image(path) for path in paths] or list(texture(IMAGES))
        if not paths:
            for number, image in enumerate(images):
                paths.append(folder / f"{number:05}.jpg")
                write_image(paths[-1], image)
        to_and_fro = islice(cycle([*images, *images[-2:0:-1]]), arguments.frames)
        write_video(folder / "video.mp4", to_and_fro, fps=25, crf=23)
        shape = " x ".join(map(str, images[0].shape[:2]))
        ways = video_ways(folder / "video.mp4", folder)
        print_table(f"{arguments.frames} frames of {shape}, H.264", ways, arguments.frames, arguments.repeats)
        print_table("the same as JPEGs", image_ways(paths), len(images), arguments.repeats)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=Path, help="folder of JPEGs to make the video of")
    parser.add_argument("--frames", type=int, default=400, help="frames of the video (default: 400)")
    parser.add_argument("--cores", type=int, default=1, help="cores (default: 1)")
    parser.add_argument("--repeats", type=int, default=5, help="turns that count (default: 5)")
    main(parser.parse_args())
