"""Follow instances through the videos of one shard."""

import argparse

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.devices import pick_device
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_table, write_table
from uvis_core.jobs import add_runtime, run_job
from uvis_core.tracks.track import track_shard


def main(arguments: argparse.Namespace) -> None:
    """Track the shard that the command line names."""
    settings = read_settings(arguments, TracksSettings)
    columns = track_shard(
        read_table(arguments.frames, "frames"),
        arguments.checkpoint,
        settings,
        device=pick_device(arguments.device),
        window=arguments.batch_size,
        workers=arguments.workers,
    )
    write_table(arguments.output, "tracks", columns, stamp(arguments, settings))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", required=True, metavar="FILE", help="table of frames (Parquet)")
    parser.add_argument(
        "--checkpoint", required=True, metavar="FILE", help="model to track with (.safetensors)"
    )
    parser.add_argument("--output", required=True, metavar="FILE", help="table of tracks to write (Parquet)")
    add_code_digest(parser)
    add_runtime(parser, batch_size=8)
    add_settings(parser, TracksSettings)
    run_job(main, parser)
