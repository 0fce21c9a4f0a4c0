"""The videos of a shard, read off its table of frames."""

from dataclasses import dataclass

import pyarrow as pa

from uvis_core.io.errors import UserError


@dataclass(frozen=True)
class VideoFrames:
    """Where one video's frames are.

    Attributes:
        video_id: Its name in all tables.
        frame_indices: Ascending, as in the table of frames.
        paths: One per frame.
        size_px: Height and width of all frames.
    """

    video_id: str
    frame_indices: tuple[int, ...]
    paths: tuple[str, ...]
    size_px: tuple[int, int]


def list_frames(table: pa.Table) -> list[VideoFrames]:
    """Group a table of frames by video, both sorted.

    Raises:
        UserError: Frames of one video differ in size.
    """
    columns = ["video_id", "frame_index", "path", "height_px", "width_px"]
    rows = (
        table.select(columns).sort_by([("video_id", "ascending"), ("frame_index", "ascending")]).to_pandas()
    )
    videos = []
    for video_id, frames in rows.groupby("video_id", sort=True):
        sizes = {
            (int(height), int(width)) for height, width in zip(frames.height_px, frames.width_px, strict=True)
        }
        if len(sizes) > 1:
            raise UserError(
                f"video {video_id}: its frames have {len(sizes)} sizes (height, width): {sorted(sizes)[:4]}",
                fix="bring its frames to one size, or put those of each size into a folder of their own",
            )
        videos.append(VideoFrames(str(video_id), tuple(frames.frame_index), tuple(frames.path), sizes.pop()))
    return videos
