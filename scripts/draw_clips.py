"""Draw the clips that a training would synthesise of single images: a row of frames each, a colour per object."""

import argparse
from typing import Literal

from pydantic import Field

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.training import TrainingSettings
from uvis_core.io.images import write_image
from uvis_core.jobs import run_job
from uvis_core.training.clips.dataset import ClipSamples
from uvis_core.training.clips.drawing import draw_clips
from uvis_core.training.samples import LabelledFrames


class ClipTraining(TrainingSettings):
    """What a training on clips does."""

    recipe: Literal["videocutler"] = Field("videocutler", description="The recipe that clips are of.")


def main(arguments: argparse.Namespace) -> None:
    """Draw the clips that the command line asks for."""
    settings = read_settings(arguments, ClipTraining)
    samples = ClipSamples(LabelledFrames(arguments.samples), settings, arguments.seed)
    picture = draw_clips(
        samples, arguments.clips, height_px=arguments.frame_height, columns=arguments.columns
    )
    write_image(arguments.output, picture, arguments.quality)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", required=True, metavar="FILE", help="labelled frames (.arrow)")
    parser.add_argument("--output", required=True, metavar="FILE", help="the picture (.jpg or .png)")
    parser.add_argument("--seed", type=int, default=0, help="of the training (default: 0)")
    parser.add_argument("--clips", type=int, default=12, help="how many clips (default: %(default)s)")
    parser.add_argument(
        "--columns", type=int, default=2, help="clips beside each other (default: %(default)s)"
    )
    parser.add_argument(
        "--frame-height", type=int, default=160, metavar="PX", help="of every frame (default: %(default)s)"
    )
    parser.add_argument("--quality", type=int, default=90, help="of a JPEG (default: %(default)s)")
    add_settings(parser, ClipTraining)
    run_job(main, parser)
