"""Names of the toy videos, known without making any."""

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
