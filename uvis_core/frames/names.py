"""Names of videos: what may name a folder on every disk, and one folder each."""

import re
import unicodedata

# Separators and control characters would leave the image folder; braces are wildcards to the workflow.
ILLEGAL = re.compile(r"[\x00-\x1f\x7f/\\{}]")

# File systems take 255; the rest is for what is put before and after a name while a file is written.
LONGEST_BYTES = 200


def fault_of_name(name: str) -> str | None:
    """Why a name cannot name a video; None where it can."""
    if name in ("", ".", ".."):
        return "it names no folder"
    if name != name.strip():
        return "it begins or ends with a space"
    if ILLEGAL.search(name):
        return "it holds a slash, a backslash, a brace or a control character"
    if not is_text(name):
        return "it is no text in UTF-8"
    if len(name.encode()) > LONGEST_BYTES:
        return f"it takes {len(name.encode())} bytes, more than {LONGEST_BYTES}"
    return None


def is_text(name: str) -> bool:
    """Whether a name can be written in UTF-8, which bytes of another encoding in a file name cannot."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def folded(name: str) -> str:
    """A name as the least discerning disk knows it: without case, and with one form for every accent.

    macOS and Windows take ``Clip`` and ``clip`` for one folder, and macOS takes both ways to write an accent
    (Unicode's NFC and NFD) for one.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
