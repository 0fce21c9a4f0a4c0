"""Fetching weights by name, with a record of what came."""

import logging
from pathlib import Path

from uvis_core.io.atomic import write_json
from uvis_core.weights.download import fetch_file
from uvis_core.weights.known import known, local_file

log = logging.getLogger("uvis")


def fetch_known(name: str, folder: Path | str) -> Path:
    """Fetch the file of a known name unless it is there.

    A record of address, SHA-256, size and licence is written beside it: where no hash is published, it is the only
    way to tell later whether two machines had the same file.

    Returns:
        The local file.

    Raises:
        UserError: The name is unknown, or the file cannot be had or is not the published one.
    """
    entry, path = known(name), local_file(name, folder)
    log.info("%s: licence %s (%s)", path, entry.licence, entry.use)
    found = fetch_file(entry.address, path, sha256=entry.sha256)
    record = {
        "name": name,
        "address": entry.address,
        "sha256": found,
        "checked_against": entry.sha256,
        "bytes": path.stat().st_size,
        "licence": entry.licence,
        "use": entry.use,
    }
    write_json(path.with_name(f"{path.name}.json"), record, indent=1)
    return path
