"""Section of the videos that could not be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from uvis_core.io.atomic import read_json_object


def facts(summaries: Sequence[str]) -> dict[str, Any]:
    """Every such video with its split and the reason, from the summaries of the splits, named after them."""
    failures = [
        {"split": Path(path).stem, "video_id": failure["video_id"], "reason": failure["reason"]}
        for path in summaries
        for failure in read_json_object(path, "failures")["failures"]
    ]
    return {"failures": failures}
