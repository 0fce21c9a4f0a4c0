"""Which kind of annotations a path leads to; apart from their readers, because the workflow asks when it is parsed."""

from pathlib import Path


def is_cvat(path: Path | str) -> bool:
    """Whether it is an xml, or a folder of them."""
    path = Path(path)
    return path.suffix == ".xml" or (path.is_dir() and any(path.glob("*.xml")))
