"""Make one short animation of overlay videos, one after the other, that a page shows by itself."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image

from uvis_core.io.atomic import atomic_path


def frames(path: Path, step: int, width_px: int) -> Iterator[Image.Image]:
    """Every ``step``-th frame of a video, at that width."""
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % step == 0:
                image = frame.to_image()
                yield image.resize((width_px, round(image.height * width_px / image.width)), Image.LANCZOS)


def main(arguments: argparse.Namespace) -> None:
    """Read the videos and write the animation, which goes round for ever."""
    first, *others = [
        frame for path in arguments.videos for frame in frames(path, arguments.step, arguments.width_px)
    ]
    with atomic_path(arguments.output) as temporary:
        first.save(
            temporary,
            format="WEBP",
            save_all=True,
            append_images=others,
            duration=arguments.frame_ms,
            loop=0,
            quality=arguments.quality,
            method=6,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", nargs="+", type=Path, metavar="VIDEO", help="of one size")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="the animation (.webp)")
    parser.add_argument("--step", type=int, default=2, help="frames of the videos per frame (default: 2)")
    parser.add_argument("--width-px", type=int, default=640, help="default: 640")
    parser.add_argument("--frame-ms", type=int, default=83, help="how long a frame is shown (default: 83)")
    parser.add_argument("--quality", type=int, default=50, help="of WebP, 0 to 100 (default: 50)")
    main(parser.parse_args())
