"""What all tests share: where the repository, the goldens and the optional shared material are."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOLDENS = ROOT / "tests" / "goldens"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of reference material that does not come with the project; tests that need it skip without it."""
    folder = Path(os.environ.get("UVIS_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"reference material not found at {folder}: set UVIS_SHARED to its folder")
    return folder
