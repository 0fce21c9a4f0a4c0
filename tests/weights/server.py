"""A web server for one file, whose misbehaviour tests choose."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Site:
    """What the server holds and how it behaves.

    Attributes:
        content: The bytes of the file at every address but ``/moved``, ``/another-host``, ``/gone`` and
            ``/insecure``.
        etag: Its version; none is told where empty.
        cuts: For each further answer, after how many bytes the connection breaks; whole once they are used up.
        status: Answers of this status come first, one each.
        linked_hash: SHA-256 that ``/moved`` names in its redirection.
        tells_size: Whether a refusal to go on names the size of the whole file, as it should.
        hub: Names of files that a Hugging Face hub at this address has in every repository.
        ranges: The Range header of every request for content, in order; None where there was none.
        authorizations: The Authorization header of the same requests.
    """

    content: bytes
    etag: str = '"one"'
    cuts: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    linked_hash: str = ""
    tells_size: bool = True
    hub: frozenset[str] = frozenset()
    ranges: list[str | None] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    address: str = ""


def handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    """The request handler that serves the site."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_arguments: object) -> None:
            """Keep the tests' output clean."""

        def do_HEAD(self) -> None:
            """What a hub tells of a file."""
            if site.status:
                return self.send_error(site.status.pop(0))
            found = self.path.rpartition("/")[2] in site.hub
            self.send_response(200 if found else 404)
            if found:
                self.send_header("Content-Length", str(len(site.content)))
                self.send_header("ETag", site.etag)
            else:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.end_headers()

        def do_GET(self) -> None:
            site.ranges.append(self.headers["Range"])
            site.authorizations.append(self.headers["Authorization"])
            if self.path == "/insecure":
                self.send_response(302)
                self.send_header("Location", "http://elsewhere.invalid/file")
                return self.end_headers()
            if self.path == "/another-host":
                self.send_response(302)
                self.send_header("Location", site.address.replace("127.0.0.1", "localhost"))
                return self.end_headers()
            if self.path == "/gone":
                return self.send_error(404)
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.send_header("X-Linked-ETag", f'"{site.linked_hash}"')
                return self.end_headers()
            if site.status:
                return self.send_error(site.status.pop(0))
            start = 0
            if self.headers["Range"] and self.headers["If-Range"] == site.etag:
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            if start >= len(site.content):
                self.send_response(416)
                if site.tells_size:
                    self.send_header("Content-Range", f"bytes */{len(site.content)}")
                return self.end_headers()
            self.send_response(206 if start else 200)
            rest = site.content[start:]
            self.send_header("Content-Length", str(len(rest)))
            if site.etag:
                self.send_header("ETag", site.etag)
            self.end_headers()
            self.wfile.write(rest[: site.cuts.pop(0)] if site.cuts else rest)

    return Handler


@contextmanager
def served(content: bytes) -> Iterator[Site]:
    """Serve ``content`` from this machine while the block runs."""
    site = Site(content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(site))
    site.address = f"http://127.0.0.1:{server.server_port}/file"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
