"""From video files to tracks and overlays, one video at a time, in memory that does not grow with its length."""

import json
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from uvis_core.exports.overlay import drawn_track, playing_rate, write_overlay
from uvis_core.frames.sources import VideoEntry
from uvis_core.io.atomic import write_json
from uvis_core.io.errors import MachineError, UserError, machine_error
from uvis_core.io.video import decode_video
from uvis_core.jobs import library_versions, progress
from uvis_core.predict.model import Predictor
from uvis_core.predict.outputs import Outputs, write_joint, write_video_table
from uvis_core.predict.spool import RunLengthSpool
from uvis_core.predict.windows import VideoWindows
from uvis_core.provenance import settings_digest
from uvis_core.tracks.inference import TrackStream, streamed_tracks

log = logging.getLogger("uvis")


def predict_videos(
    entries: Sequence[VideoEntry], predictor: Predictor, folder: Path | str, window: int
) -> None:
    """Follow instances through videos and write what ``Outputs`` names; finished videos are not computed again.

    A video that cannot be decoded is noted and the others go on.

    Args:
        entries: The videos.
        predictor: The model and how it is used.
        folder: Of the results.
        window: Frames at a time.

    Raises:
        UserError: At the end, if videos could not be used; names them.
        MachineError: The machine failed, which says nothing about a video.
    """
    outputs = Outputs(folder)
    failures: list[dict[str, str]] = []
    write_json(outputs.failures, failures, indent=1)
    finished = []
    for number, entry in enumerate(entries, start=1):
        made_of = _digest(entry, predictor)
        place = f"video {number} of {len(entries)}, {entry.path}"
        if outputs.has(entry.video_id, made_of):
            log.info("%s: is finished", place)
        else:
            log.info("%s", place)
            outputs.remove(entry.video_id)
            try:
                _predict_video(entry, predictor, outputs, made_of, window)
            except MachineError:
                raise
            except UserError as error:
                log.warning("%s", error.message)
                failures.append({"video_id": entry.video_id, "path": entry.path, "reason": error.message})
                write_json(outputs.failures, failures, indent=1)
                continue
            except OSError as error:
                raise machine_error(tempfile.gettempdir(), "cannot hold a video's masks", error) from error
        finished.append(entry.video_id)
    write_joint(outputs, finished, predictor.class_names)
    log.info(
        "%d videos: %s, %s, %s",
        len(finished),
        outputs.folder / "overlays",
        outputs.table_of_all,
        outputs.json_of_all,
    )
    if failures:
        reasons = "; ".join(failure["reason"] for failure in failures)
        raise UserError(
            f"{len(failures)} of {len(entries)} videos could not be used: {reasons}",
            fix=f"replace them and run again; the others are finished, and {outputs.failures} lists these",
        )


def _digest(entry: VideoEntry, predictor: Predictor) -> str:
    """Of all that a video's results depend on."""
    return settings_digest(
        {
            "model": predictor.digest,
            "tracks": predictor.tracks.model_dump(mode="json"),
            "min_score": predictor.min_score,
            "classes": sorted(predictor.class_names.items()),
            "video": entry.state,
        }
    )


def _predict_video(
    entry: VideoEntry, predictor: Predictor, outputs: Outputs, made_of: str, window: int
) -> None:
    """Decode once for the model and, when the tracks are known, once more to draw them."""
    video = VideoWindows(entry.path, predictor.tracks.short_side_px, window)
    with RunLengthSpool(video.size_px) as spool:
        with streamed_tracks(predictor.model, video, video.size_px, predictor.tracks) as tracks:
            spool.write(progress(tracks.masks, total=video.frames, unit="frame", name="masks"))
        _draw(entry, video, predictor, tracks, spool, outputs)
        provenance = {
            "settings": json.dumps(predictor.tracks.model_dump(mode="json"), sort_keys=True),
            "model": predictor.digest,
            "libraries": json.dumps(library_versions(), sort_keys=True),
        }
        rows = _rows(entry.video_id, predictor.model.class_ids, tracks, spool)
        # Written last: with it, the video counts as finished.
        write_video_table(outputs.table(entry.video_id), rows, video.frames, made_of, provenance)


def _rows(
    video_id: str, class_ids: Sequence[int], tracks: TrackStream, spool: RunLengthSpool
) -> Iterator[tuple[Any, ...]]:
    """Rows of the table of tracks, the best track first."""
    for track_id, place in enumerate(tracks.places.tolist()):
        class_id, score = class_ids[tracks.classes[track_id]], float(tracks.scores[track_id])
        for frame, counts in enumerate(spool.mask(place)):
            if counts:
                yield video_id, track_id, class_id, score, frame, counts, *spool.size_px


def _draw(
    entry: VideoEntry,
    video: VideoWindows,
    predictor: Predictor,
    tracks: TrackStream,
    spool: RunLengthSpool,
    outputs: Outputs,
) -> None:
    """Write the overlay of the tracks whose score is high enough."""
    shown = np.flatnonzero(tracks.scores >= predictor.min_score).tolist()
    if not shown:
        log.info("no track reaches the score %g; the best has %.2f", predictor.min_score, tracks.scores.max())
    names = [predictor.class_names[predictor.model.class_ids[index]] for index in tracks.classes]
    looks = {track: drawn_track(track, names[track], tracks.scores[track]) for track in shown}
    rows = spool.rows([int(tracks.places[track]) for track in shown])
    frames = (
        (image, {track: text for track, text in zip(shown, texts, strict=True) if text})
        for (_, image), texts in zip(decode_video(entry.path), rows, strict=True)
    )
    write_overlay(
        outputs.overlay(entry.video_id),
        progress(frames, total=video.frames, unit="frame", name="overlay"),
        looks,
        size_px=video.size_px,
        count=video.frames,
        fps=playing_rate(video.frames, video.first_s, video.last_s),
    )
