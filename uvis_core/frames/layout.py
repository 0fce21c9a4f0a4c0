"""Whether the files of a data set lie where the configuration says, asked before anything runs."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from uvis_core.config.frames import SourceSettings
from uvis_core.frames.sources import VideoEntry
from uvis_core.frames.states import names_in
from uvis_core.io.errors import UserError

# So many missing folders are named.
NAMED = 3


def check_files(source: SourceSettings, obtain: str | None) -> None:
    """Check that the json, the image folder and the truth of a ytvis source, or the folder of images, are there.

    Args:
        source: One split's source; what else it names is left to the listing.
        obtain: What to download and where to put it, for the message.

    Raises:
        UserError: Names the missing path and its key.
    """
    one_folder = source.kind in ("frame_folders", "images") and isinstance(source.path, str)
    if one_folder and not Path(str(source.path)).is_dir():
        raise UserError(f"{source.path}: no such folder (the source's key 'path')", fix=_fix("path", obtain))
    if source.kind != "ytvis":
        return
    for key in ("path", "image_root", "truth"):
        path = getattr(source, key)
        if path is None:
            continue
        there = Path(path).is_dir() if key == "image_root" else Path(path).is_file()
        if not there:
            kind = "folder" if key == "image_root" else "file"
            raise UserError(f"{path}: no such {kind} (the source's key '{key}')", fix=_fix(key, obtain))


def check_images(entries: Sequence[VideoEntry], max_missing_share: float, obtain: str | None) -> None:
    """Check that the image folders of a ytvis source's videos are there, by one look into the image root.

    Args:
        entries: The videos of one source of kind ytvis.
        max_missing_share: Up to this share may be missing; the frames stage then names each in its report.
        obtain: What to download and where to put it, for the message.

    Raises:
        UserError: More videos than that have no folder.
    """
    root = entries[0].path
    there = set(names_in(root))
    folders = [PurePosixPath(entry.file_names[0]).parts[0] for entry in entries]
    missing = [folder for folder in folders if folder not in there]
    if len(missing) > max_missing_share * len(entries):
        named = ", ".join(f"{root.rstrip('/')}/{folder}" for folder in missing[:NAMED])
        raise UserError(
            f"{root}: images of {len(missing)} of {len(entries)} videos are missing: {named}"
            f"{', …' if len(missing) > NAMED else ''}",
            fix=_fix("image_root", obtain),
        )


def _fix(key: str, obtain: str | None) -> str:
    own = f"correct the source's key '{key}'"
    return f"{obtain.strip()}; or {own}" if obtain else own
