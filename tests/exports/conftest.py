from pathlib import Path

import pytest

from tests.exports.made import Shards, write_shards


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    return write_shards(tmp_path)
