"""The addresses of pictures. They hold numbers and known names alone: no path of a browser is ever opened."""

from collections.abc import Callable
from typing import Annotated

import numpy as np
from fastapi import APIRouter, HTTPException, Query, Response
from fastapi import Path as Part

from uvis_core.explorer.crops import crop_picture, jpeg
from uvis_core.explorer.layers import TUNED, layer_names
from uvis_core.explorer.workspace import Workspace
from uvis_core.io.errors import UserError

Number = Annotated[int, Part(ge=0, le=2**31)]
KEPT_BY_BROWSER = {"Cache-Control": "private, max-age=3600"}


def crop_address(split: str, row: int, version: str) -> str:
    """Where the picture of a label is; ``version`` as ``Workspace`` has it."""
    return f"/pictures/{split}/crops/{row}.jpg?version={version}"


def frame_address(
    split: str, video: int, place: int, layers: list[str], numbers: dict[str, int], tuning: int, version: str
) -> str:
    """Where a frame with layers is.

    Args:
        split: Its name.
        video: Number of the video.
        place: Of the frame in it.
        layers: Keys of layers.
        numbers: Number of every layer that the split has, by key.
        tuning: From ``Workspace.keep_tuning``.
        version: As ``Workspace`` has it.
    """
    wanted = "-".join(str(numbers[key]) for key in layers if key in numbers)
    return f"/pictures/{split}/videos/{video}/{place}.jpg?layers={wanted}&tuning={tuning}&version={version}"


def picture_routes(workspace: Workspace) -> APIRouter:
    """The addresses, to be added to an application."""
    router = APIRouter(prefix="/pictures")

    @router.get("/{split}/crops/{row}.jpg")
    def crop(split: str, row: Number) -> Response:
        data = workspace.splits.get(split)
        if data is None or data.split.missing("Search") or row >= len(data.rows):
            raise HTTPException(404)
        return _picture(lambda: crop_picture(data.rows, data.videos, row))

    @router.get("/{split}/videos/{video}/{place}.jpg")
    def frame(
        split: str,
        video: Number,
        place: Number,
        layers: Annotated[str, Query(pattern=r"^(\d{1,4}(-\d{1,4})*)?$")] = "",
        tuning: int = 0,
    ) -> Response:
        data = workspace.splits.get(split)
        if data is None or video >= len(data.videos.names):
            raise HTTPException(404)
        keys = list(layer_names(data.videos, tuned=not data.split.missing("Tune")))
        wanted = [keys[int(number)] for number in layers.split("-") if number and int(number) < len(keys)]
        tuned = (lambda name: workspace.tuned(split, tuning, name)) if TUNED in wanted else None
        corrections = workspace.corrections.entries
        name = data.videos.name(video)
        return _picture(lambda: data.painter.frame(name, place, wanted, tuned, corrections))

    return router


def _picture(draw: Callable[[], np.ndarray]) -> Response:
    try:
        content = jpeg(draw())
    except UserError as error:
        raise HTTPException(404, detail=str(error)) from error
    return Response(content, media_type="image/jpeg", headers=KEPT_BY_BROWSER)
