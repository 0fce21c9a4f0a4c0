"""Follow instances through the videos of one shard."""

import argparse
from pathlib import Path

from uvis_core.config.base import add_settings, read_settings
from uvis_core.config.tracks import TracksSettings
from uvis_core.io.errors import UserError
from uvis_core.io.schemas.frames import FRAMES
from uvis_core.io.schemas.tracks import TRACKS
from uvis_core.io.stamp import add_code_digest, stamp
from uvis_core.io.tables import read_table, write_table
from uvis_core.jobs import add_runtime, run_job


def required(arguments: argparse.Namespace, tracker: str, *names: str) -> list[Path]:
    """The files that a tracker needs.

    Raises:
        UserError: One of them was not given.
    """
    missing = [f"--{name}" for name in names if getattr(arguments, name) is None]
    if missing:
        raise UserError(
            f"tracker {tracker} needs {', '.join(missing)}", fix="give the flag, or choose another tracker"
        )
    return [Path(getattr(arguments, name)) for name in names]


def main(arguments: argparse.Namespace) -> None:
    """Track the shard that the command line names."""
    settings = read_settings(arguments, TracksSettings)
    frames = read_table(arguments.frames, FRAMES)
    # A tracker's libraries take seconds to import: only those of the one that runs are.
    if settings.tracker == "deepsort":
        from uvis_core.tracks.deepsort import link_shard

        labels, masks, crops = required(arguments, settings.tracker, "labels", "masks", "crops")
        columns = link_shard(frames, labels, masks, crops, settings)
    else:
        from uvis_core.io.devices import pick_device
        from uvis_core.tracks.track import track_shard

        (checkpoint,) = required(arguments, settings.tracker, "checkpoint")
        device = pick_device(arguments.device)
        columns = track_shard(
            frames,
            checkpoint,
            settings,
            device=device,
            window=arguments.batch_size,
            workers=arguments.workers,
        )
    write_table(arguments.output, TRACKS, columns, stamp(arguments, settings))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", required=True, metavar="FILE", help="table of frames (Parquet)")
    parser.add_argument(
        "--checkpoint", metavar="FILE", help="model of trackers memory, minvis and clip (.safetensors)"
    )
    for name in ("labels", "masks", "crops"):
        parser.add_argument(
            f"--{name}", metavar="FILE", help=f"table of {name} for tracker deepsort (Parquet)"
        )
    parser.add_argument("--output", required=True, metavar="FILE", help="table of tracks to write (Parquet)")
    add_code_digest(parser)
    add_runtime(parser, batch_size=8)
    add_settings(parser, TracksSettings)
    run_job(main, parser)
