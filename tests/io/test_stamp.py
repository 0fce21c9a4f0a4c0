import argparse
import json

from uvis_core.config.prototypes import PrototypesSettings
from uvis_core.io.stamp import add_code_digest, stamp


def test_a_stamp_tells_settings_code_and_libraries() -> None:
    parser = argparse.ArgumentParser()
    add_code_digest(parser)
    found = stamp(
        parser.parse_args(["--code-digest", "abc"]),
        PrototypesSettings(seed=4),
        exclude=frozenset({"iterations"}),
    )
    assert json.loads(found["settings"])["seed"] == 4
    assert "iterations" not in json.loads(found["settings"])
    assert found["code"] == "abc"
    assert "numpy" in json.loads(found["libraries"])
    assert stamp(parser.parse_args([]))["settings"] == "{}"
