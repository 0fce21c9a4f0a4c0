"""The heap keeps what a step frees."""

import os
import platform
import subprocess
import sys

import pytest

STEPS, TENSORS, FLOATS = 5, 20, 1_000_000
WORK = f"""
import resource, sys
import torch
from uvis_core.training.heap import keep_freed_memory

def step():
    return [torch.ones({FLOATS}) for _ in range({TENSORS})]

def page_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

torch.set_num_threads(1)
if sys.argv[1] == "kept":
    assert keep_freed_memory()
for _ in range(3):
    step()
before = page_faults()
for _ in range({STEPS}):
    step()
print(page_faults() - before)
"""


def new_pages(how: str) -> int:
    """Pages taken from the system by steps that each fill twenty tensors of 4 MB and free them together."""
    # glibc moves its limits as it goes; those it starts with are asked for, so that the comparison stays the same.
    settings = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
    done = subprocess.run(
        [sys.executable, "-c", WORK, how],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **settings},
    )
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the heap can be told only where it is glibc's")
def test_freed_memory_is_used_again():
    assert new_pages("kept") < new_pages("plain") / 20
