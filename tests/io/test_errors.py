import errno
import pickle

import pytest

from uvis_core.io.errors import MachineError, UserError, is_the_machines, machine_error, printable

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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("étoile 星 \u00a0x\n\ty", "étoile 星 \u00a0x\n\ty"),
        ("\x1b[2J\x07\r", r"\x1b[2J\x07\r"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("\udcff\x85\u2028", r"\udcff\x85\u2028"),
    ],
    ids=["plain", "terminal", "direction", "no text"],
)
def test_what_a_terminal_obeys_is_shown_by_its_code(text, shown):
    assert printable(text) == shown
    assert str(UserError(text, fix=text)) == f"{shown}\n  fix: {shown}"
