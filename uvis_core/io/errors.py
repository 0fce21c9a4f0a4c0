"""The one exception that reaches a user as a message instead of a traceback, and how the machine's faults are told."""

import errno
import unicodedata
from collections.abc import Callable

# Control and format characters (among them those that turn the direction of writing), halves of characters, and ends
# of lines and paragraphs.
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """A text in which each character that a terminal obeys, or that no file takes, is shown by its code.

    Names come from files of anybody: printed as it is, one could colour, hide or rewrite what a terminal shows.
    """
    if text.isprintable():
        return text
    return "".join(
        ascii(one)[1:-1] if unicodedata.category(one) in UNPRINTABLE and one not in "\n\t" else one
        for one in text
    )


class UserError(Exception):
    """Input that cannot be worked with, said in words that a user can act on, and that a terminal only shows.

    Args:
        message: What is wrong; names the file and the value.
        fix: What to do about it.
    """

    def __init__(self, message: str, *, fix: str) -> None:
        message, fix = printable(message), printable(fix)
        super().__init__(message, fix)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  fix: {self.fix}"

    def __reduce__(self) -> tuple[Callable[..., "UserError"], tuple[type["UserError"], str, str]]:
        """Let worker processes pass the error on to the process that started them."""
        return _rebuilt, (type(self), self.message, self.fix)


class MachineError(UserError):
    """The machine is at fault and not the input: a full disk, no memory, no permission, a disk that fails.

    Whoever notes inputs that cannot be used lets it pass: the same input may be sound, and is read again by the next
    run.
    """


def _rebuilt(kind: type[UserError], message: str, fix: str) -> UserError:
    return kind(message, fix=fix)


# What the system says of a path that names no readable file; whatever else it says, it says of the machine.
OF_THE_PATH = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL}
)

KEPT = "what was finished before is kept"
FREE_SPACE = f"free some space, then run again; {KEPT}"
GIVE_MEMORY = f"give the job more memory or fewer workers, then run again; {KEPT}"
GIVE_PERMISSION = "give permission to the path, or choose one that you may use, then run again"
NAME_FOLDERS = "choose a path whose parents are folders and whose names are not too long"
RAISE_LIMIT = "raise the limit of open files (ulimit -n) or give fewer workers, then run again"
FIXES = {
    errno.ENOSPC: FREE_SPACE,
    errno.EDQUOT: FREE_SPACE,
    errno.ENOMEM: GIVE_MEMORY,
    errno.EACCES: GIVE_PERMISSION,
    errno.EPERM: GIVE_PERMISSION,
    errno.EROFS: "choose a folder that you may write to, or mount it for writing, then run again",
    errno.EEXIST: NAME_FOLDERS,
    errno.ENOTDIR: NAME_FOLDERS,
    errno.ENAMETOOLONG: NAME_FOLDERS,
    errno.EMFILE: RAISE_LIMIT,
    errno.ENFILE: RAISE_LIMIT,
}
LOOK_AT_DISK = f"look at the disk and its connection, then run again; {KEPT}"


def is_the_machines(error: BaseException) -> bool:
    """Whether an error tells of the machine, and nothing of the file that was read.

    Errors without a number of the system are those of decoders, which raise OSError for content too.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno not in OF_THE_PATH
    return _wants_memory(error)


def _wants_memory(error: BaseException) -> bool:
    """Whether there was too little memory; torch and safetensors say so in words alone."""
    numbered = isinstance(error, OSError) and error.errno is not None
    return isinstance(error, MemoryError) or ("allocate memory" in str(error) and not numbered)


def machine_error(path: object, what: str, error: BaseException) -> MachineError:
    """The error to raise for one of the system.

    Args:
        path: The file or folder.
        what: What was tried, such as ``cannot be read``.
        error: What the system raised.
    """
    if _wants_memory(error):
        return MachineError(f"{path}: {what} (out of memory)", fix=GIVE_MEMORY)
    number = error.errno if isinstance(error, OSError) else None
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    fix = LOOK_AT_DISK if number is None else FIXES.get(number, LOOK_AT_DISK)
    return MachineError(f"{path}: {what} ({reason})", fix=fix)
