"""Which machine a process is of: what tells the files of a writer that is gone from those of one that is at work."""

import os
import platform
from pathlib import Path


def this_machine() -> str:
    """The running system and the numbering of its processes; a host's name where it says neither."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return platform.node()


def is_gone(pid: int) -> bool:
    """Whether this machine has no such process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
