"""Names of the toy videos, known without making any."""

from pathlib import Path
from typing import Literal

from uvis_core.config.toy import ToySettings

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "test")


def video_ids(split: Split, settings: ToySettings) -> list[str]:
    """Names of the split's videos, in order, such as "toy-train-000"; the video file is "{name}.mp4".

    Args:
        split: "train" or "test".
        settings: of the data set.
    """
    count = settings.train_videos if split == "train" else settings.test_videos
    return [f"toy-{split}-{number:03d}" for number in range(count)]


def video_files(split: Split, settings: ToySettings, folder: Path | str) -> list[str]:
    """Files of the split's videos, in order.

    Args:
        split: "train" or "test".
        settings: of the data set.
        folder: holds a folder per split.
    """
    return [f"{folder}/{split}/{name}.mp4" for name in video_ids(split, settings)]
