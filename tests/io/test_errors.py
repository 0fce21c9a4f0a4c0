import errno
import pickle

import pytest

from uvis_core.io.errors import MachineError, UserError, is_the_machines, machine_error

MACHINES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE, errno.ESTALE)
PATHS = (errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENAMETOOLONG)


def test_error_says_what_and_how_to_mend_it():
    assert (
        str(UserError("x.mp4: no such file", fix="correct the path"))
        == "x.mp4: no such file\n  fix: correct the path"
    )


def test_error_passes_between_processes():
    # As multiprocessing hands errors over; the bytes are made right here.
    error = pickle.loads(pickle.dumps(UserError("x.mp4: no such file", fix="correct the path")))
    assert (error.message, error.fix) == ("x.mp4: no such file", "correct the path")


def test_a_fault_of_the_machine_stays_one_between_processes():
    # The bytes are made right here.
    error = pickle.loads(pickle.dumps(MachineError("disk: full", fix="free some space")))
    assert (type(error), error.message, error.fix) == (MachineError, "disk: full", "free some space")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        *(
            (OSError(number, ""), True)
            for number in (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE, errno.ESTALE)
        ),
        *(
            (OSError(number, ""), False)
            for number in (errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENAMETOOLONG)
        ),
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), True),
        (OSError("Cannot allocate memory (os error 12)"), True),
        (OSError("image file is truncated"), False),
        (ValueError("bad"), False),
    ],
    ids=str,
)
def test_what_the_system_says_of_itself_is_the_machines(error: Exception, expected: bool):
    assert is_the_machines(error) == expected


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "a (No space left on device)\n  fix: free some space",
        ),
        (OSError(errno.EACCES, "Permission denied"), "fix: give permission"),
        (OSError(errno.EMFILE, "Too many open files"), "fix: raise the limit of open files"),
        (OSError(errno.EIO, "Input/output error"), "fix: look at the disk"),
        (OSError("odd"), "a (odd)\n  fix: look at the disk"),
        (MemoryError(), "out of memory)\n  fix: give the job more memory"),
        (RuntimeError("can't allocate memory"), "out of memory)\n  fix: give the job more memory"),
    ],
)
def test_the_fix_is_about_the_machine(error: Exception, words: str):
    assert words in str(machine_error("x", "a", error))
