from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from tests.explorer.made import CODED, HEIGHT, LENGTH, NAMES, WIDTH, write_run
from uvis_core.explorer.crops import SIDE_PX, crop_picture
from uvis_core.explorer.layers import MASKS, TRUTH, TUNED, layer_names
from uvis_core.explorer.pages.pictures import crop_address, frame_address, picture_routes
from uvis_core.explorer.run import RunFolder
from uvis_core.explorer.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(run, tmp_path_factory.mktemp("explorer"))


@pytest.fixture(scope="module")
def browser(workspace: Workspace) -> TestClient:
    app = FastAPI()
    app.include_router(picture_routes(workspace))
    return TestClient(app, base_url="http://127.0.0.1")


def image(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)))


def address(workspace: Workspace, layers: list[str], place: int = 0, video: int = 0) -> str:
    names = layer_names(workspace.splits["train"].videos, tuned=True)
    numbers = {key: number for number, key in enumerate(names)}
    tuning = workspace.keep_tuning(CODED)
    return frame_address("train", video, place, layers, numbers, tuning, workspace.version)


def test_a_label_is_cut_out_of_its_frame(workspace: Workspace, browser: TestClient) -> None:
    rows = workspace.splits["train"].rows
    for row in (0, 60, 119):
        answer = browser.get(crop_address("train", row, workspace.version))
        assert answer.headers["content-type"] == "image/jpeg"
        found = image(answer.content)
        expected = crop_picture(rows, workspace.splits["train"].videos, row)
        assert found.shape == (SIDE_PX, SIDE_PX, 3)
        assert np.abs(found.astype(int) - expected).mean() < 3
        # The colour of one of the objects in the middle.
        middle = expected[SIDE_PX // 2, SIDE_PX // 2]
        assert (
            min(np.abs(middle - np.array([80 + 50 * one, 200 - 60 * one, 60])).max() for one in range(3)) < 4
        )


@pytest.mark.parametrize(
    "layers", [[], [MASKS], [TRUTH], [TUNED], ["labels:full"], ["tracks:full-minvis-memory/seed-0"]]
)
def test_every_layer_is_drawn(workspace: Workspace, browser: TestClient, layers: list[str]) -> None:
    assert set(layers) <= layer_names(workspace.splits["train"].videos, tuned=True).keys()
    drawn = []
    for place in range(LENGTH):
        plain = image(browser.get(address(workspace, [], place)).content)
        found = image(browser.get(address(workspace, layers, place)).content)
        assert found.shape[0] / found.shape[1] == pytest.approx(HEIGHT / WIDTH)
        drawn.append(np.abs(found.astype(int) - plain).mean() > 0.5)
    assert any(drawn) == bool(layers)


def test_tuned_layer_follows_thresholds_and_corrections(workspace: Workspace) -> None:
    rows = workspace.splits["train"].rows
    number = workspace.keep_tuning(CODED)
    name = rows.video_names[0]
    before = workspace.tuned("train", number, name)
    some = rows.of_video(0)
    assert 0 < len(before) < len(some)
    kept = next(iter(before))
    removed = next(int(one) for one in rows.mask_ids[some] if int(one) not in before)
    try:
        workspace.corrections.apply([kept], "reject")
        workspace.corrections.apply([removed], "rename", NAMES[7])
        after = workspace.tuned("train", number, name)
    finally:
        workspace.corrections.undo()
        workspace.corrections.undo()
    assert after == {one: place for one, place in before.items() if one != kept} | {removed: 2}
    assert workspace.tuned("train", number, name) == before
    assert workspace.tuned("train", number, "nobody") == {}


def test_a_point_in_a_picture_is_a_label(workspace: Workspace) -> None:
    data = workspace.splits["train"]
    name = data.videos.name(0)
    found = data.painter.mask_at(name, 0, 8 / WIDTH, 5 / HEIGHT, None)
    row = data.rows.row_of(int(found)) if found is not None else None
    assert row is not None
    assert data.rows.video_names[data.rows.videos[row]] == name
    assert data.rows.frame_indices[row] == 0
    assert data.painter.mask_at(name, 0, 0.99, 0.99, None) is None


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/train/crops/../../../etc/passwd",
        "/pictures/train/crops/..%2f..%2f..%2fetc%2fpasswd",
        "/pictures/train/crops/..%2f..%2fsecret.jpg",
        "/pictures/..%2f..%2f/crops/0.jpg",
        "/pictures/train/crops/-1.jpg",
        "/pictures/train/crops/120.jpg",
        "/pictures/train/crops/99999999999999999999.jpg",
        "/pictures/nosplit/crops/0.jpg",
        "/pictures/train/videos/0/10.jpg",
        "/pictures/train/videos/4/0.jpg",
        "/pictures/train/videos/..%2f..%2fsecret/0.jpg",
        "/pictures/train/videos/0/0.jpg?layers=../../secret",
        "/pictures/train/videos/0/0.jpg?layers=truth",
    ],
)
def test_no_path_of_a_browser_is_opened(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    opened: list[str] = []
    app = FastAPI()
    app.include_router(picture_routes(Workspace(run, tmp_path)))

    def noted(path: str, **_: object) -> None:
        opened.append(path)
        raise OSError("not now")

    monkeypatch.setattr("uvis_core.io.images.Image.open", noted)
    answer = TestClient(app).get(path)
    assert answer.status_code in (404, 422)
    assert opened == []
    assert TestClient(app).get("/pictures/train/crops/0.jpg").status_code == 404
    assert [Path(one).parent for one in opened] == [run.path / "images"]


def test_a_frame_that_is_gone_is_said_in_words(tmp_path: Path) -> None:
    run = write_run(tmp_path)
    workspace = Workspace(run, tmp_path / "explorer")
    app = FastAPI()
    app.include_router(picture_routes(workspace))
    for one in (run.path / "images").iterdir():
        one.unlink()
    answer = TestClient(app).get(crop_address("train", 0, workspace.version))
    assert answer.status_code == 404
    assert "the frame is missing" in answer.json()["detail"]
