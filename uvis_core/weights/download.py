"""Fetching one file over HTTPS: whole or not at all, going on where a broken connection or a killed run stopped.

pooch and huggingface_hub (since 1.18) start a broken download anew in the next run, and the latter compares sizes
alone: for gigabytes that is no answer, so the bytes come by the downloader here.
"""

import fcntl
import logging
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from tqdm import tqdm

from uvis_core.io.atomic import read_json, write_json
from uvis_core.io.errors import UserError
from uvis_core.weights.pins import hash_of, refuse_change, verify, write_pin

log = logging.getLogger("uvis")
# What of a chunk came before the connection broke is lost, so chunks are small.
CHUNK_BYTES = 1 << 16
TIMEOUT_S = 60
# Answers after which asking again makes sense: too many requests, and faults of the server.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
# Hugging Face names the SHA-256 of a large file in the answer that redirects to it.
LINKED_HASH = "X-Linked-ETag"
OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class Interrupted(Exception):
    """The connection broke or the server faltered; what came so far is kept."""


def fetch_file(
    address: str,
    path: Path | str,
    *,
    sha256: str | None = None,
    headers: Mapping[str, str] | None = None,
    attempts: int = 5,
    wait_s: float = 2.0,
) -> str:
    """Fetch a file unless it is there, pin it to its content, and return its SHA-256.

    What has come lies in ``<file>.part`` until it is whole and checked.

    Args:
        address: Where it is published.
        path: Where it is to lie.
        sha256: Its hash, or the first digits of it; None where none is published, and only a pin is compared.
        headers: What the publisher's server wants to be told, such as a token; other servers are not told.
        attempts: How often a broken connection is taken up again before giving up.
        wait_s: Seconds before the second attempt; doubled before each further one.

    Raises:
        UserError: It cannot be had, is not what was published, or not what it was at first; names the file, the
            address and the way out.
    """
    path = Path(path)
    if path.exists():
        return verify(path, sha256, address)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = ResumingDownload(address, path, sha256, headers or {}, attempts, wait_s).finish()
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written ({error.strerror or error})",
            fix="free some space, or set weights_folder to a folder that you may write to",
        ) from error
    write_pin(path, found)
    return found


class ResumingDownload:
    """One download that appends to ``<file>.part`` and hands over what is whole and has the right hash.

    Attributes:
        told: The SHA-256 that the server told, if it did.
    """

    def __init__(
        self,
        url: str,
        path: Path,
        sha256: str | None,
        headers: Mapping[str, str],
        attempts: int,
        wait_s: float,
    ) -> None:
        self.url, self.path, self.sha256, self.headers = url, path, sha256, headers
        self.attempts, self.wait_s = attempts, wait_s
        self.told: str | None = None
        self.part = path.with_name(f"{path.name}.part")
        self.notes = path.with_name(f"{path.name}.part.json")

    def finish(self) -> str:
        """Fetch what is missing, check the whole and move it into place; return its SHA-256."""
        with self._alone() as stream:
            self._complete(stream)
            os.fsync(stream.fileno())
            found = hash_of(self.part)
            try:
                self._check(found)
            except UserError:
                self.part.unlink()
                self.notes.unlink(missing_ok=True)
                raise
            self.part.replace(self.path)
            self.notes.unlink(missing_ok=True)
        return found

    def _check(self, found: str) -> None:
        expected = self.sha256 or self.told or ""
        if not found.startswith(expected):
            raise UserError(
                f"{self.path}: what {self.url} holds has SHA-256 {found}, expected {expected}; it was removed",
                fix="try again; if it stays so, the published file has changed: get it elsewhere and compare",
            )
        refuse_change(self.path, found)

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

    def _complete(self, stream: BufferedRandom) -> None:
        """Append until all is there."""
        for attempt in range(1, self.attempts + 1):
            try:
                return self._append(stream)
            except (Interrupted, requests.RequestException) as error:
                here = stream.seek(0, 2)
                if attempt == self.attempts:
                    raise UserError(
                        f"{self.path}: could not be fetched from {self.url} ({_reason(error)}); "
                        f"{here:,} bytes are kept in {self.part.name}",
                        fix="check the network and run again, which goes on from there; without network, fetch the "
                        f"file on another machine and put it at {self.path}",
                    ) from error
                log.warning("%s: %s; going on from byte %s", self.path.name, _reason(error), f"{here:,}")
                time.sleep(self.wait_s * 2 ** (attempt - 1))

    def _append(self, stream: BufferedRandom) -> None:
        """Ask for what is missing, if anything is, and write it."""
        here = stream.seek(0, 2)
        noted = read_json(self.notes) if here and self.notes.exists() else {}
        self.told = noted.get("sha256")
        if here and noted.get("bytes") == here:
            return
        mark = noted.get("mark")
        # Without a mark of the version nothing tells whether the rest would be the rest of the same file.
        headers = {**self.headers, "Accept-Encoding": "identity"}
        if mark:
            headers |= {"Range": f"bytes={here}-", "If-Range": mark}
        self._refuse_insecure(self.url)
        hooks = {"response": self._check_redirection}
        with requests.get(self.url, headers=headers, hooks=hooks, stream=True, timeout=TIMEOUT_S) as answer:
            if answer.status_code == 416:
                if _told_bytes(answer) == here and answer.headers.get("ETag", mark) == mark:
                    return
                stream.truncate(0)
                raise Interrupted("the server refuses to go on from here")
            if answer.status_code in PASSING:
                raise Interrupted(f"the server answers {answer.status_code} {answer.reason}")
            if answer.status_code not in (200, 206):
                raise UserError(
                    f"{self.path}: {self.url} answers {answer.status_code} {answer.reason}",
                    fix=f"the file has moved or asks for a login: get it from its publisher and put it at {self.path}",
                )
            if answer.status_code == 200:
                stream.truncate(0)
                here = 0
            length = answer.headers.get("Content-Length")
            total = here + int(length) if length else None
            self._note(answer, total)
            self._write(answer, stream, here, total)

    def _check_redirection(self, answer: requests.Response, **_settings: Any) -> None:
        """Look at where an answer leads before it is followed."""
        if answer.is_redirect:
            self._refuse_insecure(urljoin(answer.url, answer.headers["Location"]))

    def _refuse_insecure(self, address: str) -> None:
        """Weights come over HTTPS, or from this machine."""
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in OWN_MACHINE:
            raise UserError(
                f"{self.path}: {address} is not HTTPS, so what comes from there could be anybody's",
                fix=f"get the file from its publisher and put it at {self.path}",
            )

    def _note(self, answer: requests.Response, total: int | None) -> None:
        """Remember what the part belongs to: the version of the file, its size, and its hash where it is told."""
        linked = [step.headers.get(LINKED_HASH, "").strip('"') for step in answer.history]
        self.told = next((sha256 for sha256 in linked if len(sha256) == 64), None)
        etag = answer.headers.get("ETag", "")
        mark = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified")
        write_json(self.notes, {"mark": mark, "bytes": total, "sha256": self.told})

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


def _told_bytes(answer: requests.Response) -> int | None:
    """The size of the whole file, as a server names it that refuses to go on from where a part ends."""
    found = re.fullmatch(r"bytes \*/(\d+)", answer.headers.get("Content-Range", ""))
    return int(found[1]) if found else None


def _reason(error: Exception) -> str:
    """The innermost words of an error that wraps others."""
    while error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    words = getattr(error, "reason", None) or (error.args[0] if error.args else type(error).__name__)
    return str(words).splitlines()[0]
