"""A finished run of a very small toy world in a copy of the repository, and ways to ask what would rerun."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = {
    "shards": 2,
    "dataset": "small",
    "toy": {"train_videos": 4, "test_videos": 4, "frames": 6},
    "training": {
        "variants": {"minvis": {"steps": 12, "batch_size": 4, "decay_steps": [8], "checkpoint_steps": 4}}
    },
    "prototypes": {"iterations": 5},
    "report": {"clips": 1},
}


class Checkout:
    """A copy of the repository in which the workflow can run and files may be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self) -> dict[str, str]:
        """The environment of this interpreter, with nothing that leads back to the original checkout."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"}

    def command(self, *arguments: str, configfile: str = "small.yaml") -> list[str]:
        """The command line of a run on two cores."""
        return ["snakemake", "--cores", "2", *arguments, "--configfile", configfile]

    def snakemake(self, *arguments: str, configfile: str = "small.yaml", check: bool = True) -> str:
        """Run the workflow and return what it printed."""
        done = subprocess.run(
            self.command(*arguments, configfile=configfile),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if check and done.returncode:
            raise AssertionError(f"snakemake ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def would_run(self, *arguments: str, configfile: str = "small.yaml") -> dict[str, int]:
        """Rule name -> number of jobs that a dry run lists, without the target rule of the whole run."""
        output = self.snakemake("--dry-run", *arguments, configfile=configfile)
        stats = re.search(r"Job stats:\n(.*?)\n\n", output, re.DOTALL)
        if stats is None:
            assert "Nothing to be done" in output, output
            return {}
        rows = [line.split() for line in stats[1].splitlines()[2:]]
        return {name: int(count) for name, count in rows if name not in ("all", "total")}

    def overlay(self, **keys: object) -> str:
        """Write a configuration that lays keys over the small one; returns its name."""
        name = f"overlay-{len(list(self.folder.glob('overlay-*')))}.yaml"
        (self.folder / name).write_text(yaml.safe_dump(merge(SMALL, keys)))
        return name

    def bytes_of(self, pattern: str) -> dict[str, bytes]:
        """Relative path -> content of the files that match a glob pattern."""
        return {
            str(p.relative_to(self.folder)): p.read_bytes()
            for p in sorted(self.folder.glob(pattern))
            if p.is_file()
        }


def merge(base: dict, over: dict) -> dict:
    """Lay one nested mapping over another."""
    merged = dict(base)
    for key, value in over.items():
        merged[key] = (
            merge(base[key], value) if isinstance(value, dict) and isinstance(base.get(key), dict) else value
        )
    return merged


def copy_repository(folder: Path) -> Checkout:
    """Copy what belongs to the repository, tracked or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    checkout = Checkout(folder)
    (folder / "small.yaml").write_text(yaml.safe_dump(SMALL))
    return checkout


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in which the small run is finished; tests may dry-run in it but leave its files as they were."""
    checkout = copy_repository(tmp_path_factory.mktemp("finished"))
    checkout.snakemake()
    return checkout
