"""Find class-agnostic masks, with boxes and objectness, in every frame of one shard."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.masks import MasksSettings
from uvis_core.io.devices import pick_device
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.masks import MASKS
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_table, write_table
from uvis_core.jobs import add_runtime, run_job
from uvis_core.masks.generate import generate_masks


def main(arguments: argparse.Namespace) -> None:
    """Read the frame index, find masks, write the table."""
    settings = read_settings(arguments, MasksSettings)
    columns = generate_masks(
        read_table(arguments.frames, FRAMES),
        settings,
        device=pick_device(arguments.device),
        batch_size=arguments.batch_size,
        workers=arguments.workers,
    )
    write_table(arguments.output, MASKS, columns, stamp(arguments, settings))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", required=True, metavar="FILE", help="table of frames (Parquet)")
    parser.add_argument("--output", required=True, metavar="FILE", help="table of masks to write (Parquet)")
    add_settings(parser, MasksSettings)
    add_code_digest(parser)
    add_runtime(parser, batch_size=8)
    run_job(main, parser)
