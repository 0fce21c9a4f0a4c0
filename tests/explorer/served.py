"""The explorer as a process of its own, as a person starts it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import ROOT
from uvis_core.explorer.run import RunFolder
from uvis_core.io.corrections import Correction, read_corrections


class Explorer:
    """A server of its own, and where it is.

    Args:
        run: What it shows.
        checkout: The folder of the project where it is started; paths that it shows are as seen from there.
        environment: Variables of the process in the place of this process's.
    """

    def __init__(
        self, run: RunFolder, checkout: Path = ROOT, environment: Mapping[str, str] = os.environ
    ) -> None:
        self.run, self.checkout = run, checkout
        # NiceGUI looks for a test of its own where it finds itself inside of pytest.
        self.environment = {
            name: value for name, value in environment.items() if not name.startswith("PYTEST")
        }
        self.environment["PYTHONPATH"] = str(checkout)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.log = run.path / "explorer.log"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        script = [sys.executable, "scripts/explore_results.py", "--no-browser"]
        command = [*script, "--results", str(self.run.path), "--port", str(self.port)]
        with self.log.open("w") as stream:
            self.process = subprocess.Popen(
                command, cwd=self.checkout, env=self.environment, stdout=stream, stderr=stream
            )
        for _ in range(1200):  # On a machine that computes, minutes.
            assert self.process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(self.url, timeout=10).close()
                return
            except OSError:
                time.sleep(0.5)
        self.kill()
        pytest.fail(self.log.read_text())

    def kill(self) -> None:
        """End it without a word."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def status(self, path: str, host: str, **headers: str) -> int:
        """The status of its answer to a request that names a host."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Host": host, **headers})
            return connection.getresponse().status
        finally:
            connection.close()

    @property
    def corrections(self) -> dict[int, Correction]:
        """What was corrected so far."""
        return read_corrections(self.run.path / "explorer" / "corrections.csv", self.run.class_names.values())
