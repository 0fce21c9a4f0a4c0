from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from uvis_core.io.cvat_xml import CvatTask, read_shapes, read_task
from uvis_core.io.errors import UserError
from uvis_core.io.rle import decode_masks

HEIGHT, WIDTH = 6, 8
HEAD = """<?xml version="1.0" encoding="utf-8"?>
{doctype}<annotations>
  <version>1.1</version>
  <meta><task><id>3</id><name>clip</name><size>{frames}</size>
    <labels>
    <label><name>star &amp; co</name><attributes><attribute><name>mask_id</name></attribute></attributes></label>
    <label><name>ring</name></label></labels>
    <original_size><width>{width}</width><height>{height}</height></original_size></task></meta>
"""
MASK = '<mask frame="1" outside="{outside}" keyframe="1" rle="{rle}" left="2" top="1" width="3" height="2"/>'


def written(folder: Path, body: str, *, doctype: str = "", frames: int = 4, width: int = WIDTH) -> Path:
    path = folder / "clip.xml"
    head = HEAD.format(doctype=doctype, frames=frames, width=width, height=HEIGHT)
    path.write_text(f"{head}{body}</annotations>\n", encoding="utf-8")
    return path


def masks(path: Path, skipped: Counter[str] | None = None) -> list[np.ndarray]:
    task = read_task(path)
    return [decode_masks([shape.counts], *task.size_px)[0] for shape in read_shapes(path, task, skipped)]


def test_the_head_says_how_large_and_long_the_video_is(tmp_path: Path) -> None:
    assert read_task(written(tmp_path, "")) == CvatTask("clip", 4, (HEIGHT, WIDTH), ("star & co", "ring"))


def test_a_mask_is_runs_of_rows_in_its_box(tmp_path: Path) -> None:
    shape = MASK.format(outside=0, rle="1, 3, 2")
    (mask,) = masks(written(tmp_path, f'<track id="7" label="ring">{shape}</track>'))
    expected = np.zeros((HEIGHT, WIDTH), dtype=bool)
    expected[1, 3:5] = expected[2, 2] = True
    np.testing.assert_array_equal(mask, expected)


def test_a_polygon_covers_the_pixels_inside(tmp_path: Path) -> None:
    body = '<track id="0" label="ring"><polygon frame="2" points="1,2;4,2;4,5;1,5" outside="0"/></track>'
    path = written(tmp_path, body)
    (mask,) = masks(path)
    assert mask[2:5, 1:4].all()
    assert mask.sum() == 9
    (shape,) = read_shapes(path, read_task(path))
    assert (shape.track, shape.frame, shape.label) == (0, 2, "ring")


def test_shapes_outside_and_of_other_kinds_are_left_out(tmp_path: Path) -> None:
    body = (
        f'<track id="0" label="ring">{MASK.format(outside=1, rle="1, 3, 2")}</track>'
        '<track id="1" label="ring"><box frame="0" outside="0" xtl="0" ytl="0" xbr="2" ybr="2"/></track>'
    )
    skipped: Counter[str] = Counter()
    assert masks(written(tmp_path, body), skipped) == []
    assert skipped == {"box": 1}


def test_shapes_of_images_have_no_track_and_keep_their_attributes(tmp_path: Path) -> None:
    mask = (
        '<mask label="star &amp; co" rle="0, 6" left="0" top="0" width="3" height="2">'
        '<attribute name="mask_id">17</attribute></mask>'
    )
    path = written(tmp_path, f'<image id="3" name="3.png" width="{WIDTH}" height="{HEIGHT}">{mask}</image>')
    (shape,) = read_shapes(path, read_task(path))
    assert (shape.track, shape.frame, shape.label, shape.attributes) == (
        None,
        3,
        "star & co",
        {"mask_id": "17"},
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f'<track id="0" label="ring">{MASK.format(outside=0, rle="1, 3")}</track>', "runs cover 4 pixels"),
        (f'<track id="0" label="ring">{MASK.format(outside=0, rle="7, -1")}</track>', "runs cover 6 pixels"),
        (f'<track id="0" label="ring">{MASK.format(outside=0, rle="a")}</track>', "invalid literal"),
        (f'<track id="0">{MASK.format(outside=0, rle="0, 6")}</track>', "label None"),
        ('<track id="0" label="ring"><polygon frame="9" points="0,0;1,1;2,2"/></track>', "in frame 9, of 4"),
        ('<track id="0" label="ring"><polygon points="0,0;1,1;2,2"/></track>', "frame is None"),
        ('<track id="0" label="ring"><polygon frame="0" points="0,0;1,nan;2,2"/></track>', "no pairs"),
        ('<track id="0" label="ring"><polygon frame="0" points="0,0;1;2,2"/></track>', "polygon in frame 0"),
        ('<track id="0" label="ring"><polygon frame="0" points="0,0;1,1"/></track>', "six coordinates"),
        ('<track id="0" label="ring">', "not valid xml"),
    ],
)
def test_what_cannot_be_used_is_named(body: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=words):
        masks(written(tmp_path, body))


def test_a_mask_beyond_its_frame_is_refused(tmp_path: Path) -> None:
    mask = '<mask frame="0" rle="0, 6" left="7" top="0" width="3" height="2"/>'
    with pytest.raises(UserError, match="leaves the frame"):
        masks(written(tmp_path, f'<track id="0" label="ring">{mask}</track>'))


def test_entities_are_never_expanded(tmp_path: Path) -> None:
    grown = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]>\n'
    with pytest.raises(UserError, match="declares the document type 'a'"):
        read_task(written(tmp_path, "&c;", doctype=grown))
    (tmp_path / "secret").write_text("secret")
    read = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>\n'
    with pytest.raises(UserError, match="declares the document type"):
        read_task(written(tmp_path, "&x;", doctype=read))


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.xml").write_text("<html><body/></html>")
    with pytest.raises(UserError, match="begins with html"):
        read_task(tmp_path / "other.xml")
    (tmp_path / "empty.xml").write_text("<annotations></annotations>")
    with pytest.raises(UserError, match="has no meta"):
        read_task(tmp_path / "empty.xml")
    with pytest.raises(UserError, match="no such file"):
        read_task(tmp_path / "nowhere.xml")
    with pytest.raises(UserError, match="its meta names 4 frames of 6 x 99999999 pixels"):
        read_task(written(tmp_path, "", width=99_999_999))
