from pathlib import Path

import pytest

from tests.exports.made import Shards, write_shards
from tests.exports.world import World, write_world


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    return write_shards(tmp_path)


@pytest.fixture
def world(tmp_path: Path) -> World:
    folder = tmp_path / "world"
    folder.mkdir()
    return write_world(folder)
