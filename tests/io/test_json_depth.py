import io
import json

import pytest

from uvis_core.io.errors import UserError
from uvis_core.io.json_depth import DEEPEST, Shallow


def taken(content: bytes, size: int) -> bytes:
    stream = Shallow(io.BytesIO(content), "x.json")
    return b"".join(iter(lambda: stream.read(size), b""))


@pytest.mark.parametrize("size", [1, 2, 7, 1 << 16])
def test_brackets_in_texts_do_not_count(size: int) -> None:
    content = json.dumps(['[{"\\' * 100, {"[[" * 50: "\\" * 3}, [[]] * 100]).encode()
    assert taken(content, size) == content


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'["\\"",'])
def test_what_lies_too_deep_is_refused(size: int, opening: bytes) -> None:
    assert taken(opening * DEEPEST, size) == opening * DEEPEST
    with pytest.raises(UserError, match=r"x\.json: lists or objects lie more than 64 deep"):
        taken(opening * (DEEPEST + 1), size)
