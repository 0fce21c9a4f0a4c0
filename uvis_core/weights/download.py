"""Fetching one file over HTTP: whole or not at all, going on where a broken connection stopped.

pooch keeps the cache and moves the finished file into place; it starts broken downloads anew, which for gigabytes is
no answer, so the bytes come by the downloader here.
"""

import fcntl
import hashlib
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from typing import Any

import pooch
import requests
from tqdm import tqdm

from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError

log = logging.getLogger("uvis")
# What of a chunk came before the connection broke is lost, so chunks are small.
CHUNK_BYTES = 1 << 16
TIMEOUT_S = 60
# Answers after which asking again makes sense: too many requests, and faults of the server.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
# Hugging Face names the SHA-256 of a large file in the answer that redirects to it.
LINKED_HASH = "X-Linked-ETag"


class Interrupted(Exception):
    """The connection broke or the server faltered; what came so far is kept."""


def fetch_file(
    address: str, path: Path | str, *, sha256: str | None = None, attempts: int = 5, wait_s: float = 2.0
) -> str:
    """Fetch a file unless it is there; return its SHA-256.

    What has come lies in ``<file>.part`` until it is whole and checked.

    Args:
        address: Where it is published.
        path: Where it is to lie.
        sha256: Its hash, or the first digits of it; unchecked where None.
        attempts: How often a broken connection is taken up again before giving up.
        wait_s: Seconds before the second attempt; doubled before each further one.

    Raises:
        UserError: It cannot be had, or is not what was published; names the file, the address and the way out.
    """
    path = Path(path)
    if path.exists():
        found = pooch.file_hash(str(path), alg="sha256")
        if not found.startswith(sha256 or ""):
            raise UserError(
                f"{path}: is not the published file: its SHA-256 is {found}, expected {sha256}",
                fix=f"delete it, so that it is fetched again from {address}",
            )
        return str(found)
    downloader = ResumingDownloader(path, sha256, attempts, wait_s)
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(address, known_hash=None, fname=path.name, path=path.parent, downloader=downloader)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({error.strerror or error})",
            fix="free some space, or set weights_folder to a folder that you may write to",
        ) from error
    return downloader.found


class ResumingDownloader:
    """Downloader for pooch that appends to ``<file>.part`` and hands over what is whole and has the right hash.

    Attributes:
        found: SHA-256 of the finished file.
    """

    def __init__(self, path: Path, sha256: str | None, attempts: int, wait_s: float) -> None:
        self.path, self.sha256, self.attempts, self.wait_s = path, sha256, attempts, wait_s
        self.part = path.with_name(f"{path.name}.part")
        self.notes = path.with_name(f"{path.name}.part.json")
        self.found = ""

    def __call__(self, url: str, output_file: str, _pooch: Any) -> None:
        """Fetch ``url`` to ``output_file``, as pooch asks for it."""
        with self._alone() as stream:
            self._complete(url, stream)
            stream.seek(0)
            self.found = hashlib.file_digest(stream, "sha256").hexdigest()
            if not self.found.startswith(self.sha256 or ""):
                self._forget()
                raise UserError(
                    f"{self.path}: what {url} holds has SHA-256 {self.found}, expected {self.sha256}; it was removed",
                    fix="try again; if it stays so, the published file has changed: get it elsewhere and compare",
                )
            self.part.replace(output_file)
            self.notes.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[BufferedRandom]:
        """The part file, held so that no other process writes to it."""
        with self.part.open("a+b") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UserError(
                    f"{self.part}: another process is fetching this file", fix="wait until it is finished"
                ) from error
            yield stream

    def _forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.notes.unlink(missing_ok=True)

    def _complete(self, url: str, stream: BufferedRandom) -> None:
        """Append until all is there."""
        for attempt in range(1, self.attempts + 1):
            try:
                return self._append(url, stream)
            except (Interrupted, requests.RequestException) as error:
                here = stream.seek(0, 2)
                if attempt == self.attempts:
                    raise UserError(
                        f"{self.path}: could not be fetched from {url} ({_reason(error)}); "
                        f"{here:,} bytes are kept in {self.part.name}",
                        fix="check the network and run again, which goes on from there; without network, fetch the "
                        f"file on another machine and put it at {self.path}",
                    ) from error
                log.warning("%s: %s; going on from byte %s", self.path.name, _reason(error), f"{here:,}")
                time.sleep(self.wait_s * 2 ** (attempt - 1))

    def _append(self, url: str, stream: BufferedRandom) -> None:
        """Ask for what is missing and write it."""
        here = stream.seek(0, 2)
        mark = read_json(self.notes).get("mark") if here and self.notes.exists() else None
        # Without a mark of the version nothing tells whether the rest would be the rest of the same file.
        headers = {"Accept-Encoding": "identity"}
        if mark:
            headers |= {"Range": f"bytes={here}-", "If-Range": mark}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
            if answer.status_code == 416:
                stream.truncate(0)
                raise Interrupted("the server refuses to go on from here")
            if answer.status_code in PASSING:
                raise Interrupted(f"the server answers {answer.status_code} {answer.reason}")
            if answer.status_code not in (200, 206):
                raise UserError(
                    f"{self.path}: {url} answers {answer.status_code} {answer.reason}",
                    fix=f"the file has moved or asks for a login: get it from its publisher and put it at {self.path}",
                )
            if answer.status_code == 200:
                stream.truncate(0)
                here = 0
            self._note(answer)
            total = (
                here + int(answer.headers["Content-Length"]) if "Content-Length" in answer.headers else None
            )
            self._write(answer, stream, here, total)

    def _note(self, answer: requests.Response) -> None:
        """Remember which version of the file the part belongs to, and its hash where the server tells it."""
        etag = answer.headers.get("ETag", "")
        mark = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified")
        write_json(self.notes, {"mark": mark})
        for step in answer.history:
            linked = step.headers.get(LINKED_HASH, "").strip('"')
            if self.sha256 is None and len(linked) == 64:
                self.sha256 = linked

    def _write(self, answer: requests.Response, stream: BufferedRandom, here: int, total: int | None) -> None:
        interval = 0.5 if sys.stderr.isatty() else 10.0
        with tqdm(
            total=total, initial=here, unit="B", unit_scale=True, desc=self.path.name, mininterval=interval
        ) as bar:
            try:
                for chunk in answer.iter_content(CHUNK_BYTES):
                    stream.write(chunk)
                    bar.update(len(chunk))
            finally:
                stream.flush()
        size = stream.seek(0, 2)
        if total is not None and size != total:
            raise Interrupted(f"{size:,} of {total:,} bytes came")


def _reason(error: Exception) -> str:
    """The innermost words of an error that wraps others."""
    while error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    words = getattr(error, "reason", None) or (error.args[0] if error.args else type(error).__name__)
    return str(words).splitlines()[0]
