"""The plans of all splits of a configuration: a look at its sources, each time that the workflow is started."""

from pathlib import Path

from uvis_core.config.root import Configuration
from uvis_core.frames.labelled_split import held_out_videos, read_annotated
from uvis_core.frames.layout import check_files, check_images
from uvis_core.frames.plan import Index
from uvis_core.frames.plan_file import update_plan
from uvis_core.frames.sources import VideoEntry, entries_of_files, list_videos
from uvis_core.io.errors import UserError
from uvis_core.toy.names import Split, video_files


def plan_videos(configuration: Configuration, folder: Path) -> dict[str, Index]:
    """List the videos of every split and bring the plans' files up to date.

    Args:
        configuration: Of the run.
        folder: Of the plans, ``{split}.parquet`` with ``{split}.json``, and of listings that are kept for the next
            time; a generated world lies beside it, in ``toy``.

    Returns:
        The index of each split's plan.

    Raises:
        UserError: A source cannot be used; names the split.
    """
    if configuration.sources.split:
        videos = _parts_of_train(configuration, folder)
    else:
        videos = {split: _split_videos(configuration, split, folder) for split in configuration.splits}
    return {
        split: update_plan(folder / f"{split}.parquet", entries, configuration.shards.of(split))
        for split, entries in videos.items()
    }


def _split_videos(configuration: Configuration, split: str, folder: Path) -> list[VideoEntry]:
    """The videos of a split that has a source of its own; those of the toy world are known before they exist."""
    if configuration.source(split).kind == "toy":
        return entries_of_files(video_files(_toy_split(split), configuration.toy, folder.parent / "toy"))
    return _listed(configuration, split, folder)


def _toy_split(split: str) -> Split:
    return "test" if split == "test" else "train"


def _parts_of_train(configuration: Configuration, folder: Path) -> dict[str, list[VideoEntry]]:
    """The videos of sub-train and sub-val, out of the one annotated json."""
    settings, path = configuration.sources.split, configuration.source("train").path
    if settings is None or not isinstance(path, str):
        raise ValueError("only an annotated json can be divided")
    entries = _listed(configuration, "train", folder)
    held_out = held_out_videos(read_annotated(path, folder).classes, settings)
    return {
        "train": [entry for entry in entries if entry.video_id not in held_out],
        "test": [entry for entry in entries if entry.video_id in held_out],
    }


def _listed(configuration: Configuration, split: str, folder: Path) -> list[VideoEntry]:
    """The videos of a source, whose files are all where they should be; a mistake is said of the split."""
    source, obtain = configuration.source(split), configuration.sources.obtain
    try:
        check_files(source, obtain)
        entries = list_videos(source, cache_folder=folder)
        if source.kind == "ytvis":
            check_images(entries, configuration.frames.max_failed_share, obtain)
    except UserError as error:
        raise UserError(f"sources.{split}: {error.message}", fix=error.fix) from error
    return entries
