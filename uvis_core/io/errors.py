"""The one exception that reaches a user as a message instead of a traceback."""

from collections.abc import Callable


class UserError(Exception):
    """Input that cannot be worked with, said in words that a user can act on.

    Args:
        message: What is wrong; names the file and the value.
        fix: What to do about it.
    """

    def __init__(self, message: str, *, fix: str) -> None:
        super().__init__(message, fix)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\n  fix: {self.fix}"

    def __reduce__(self) -> tuple[Callable[..., "UserError"], tuple[str, str]]:
        """Let worker processes pass the error on to the process that started them."""
        return _rebuilt, (self.message, self.fix)


def _rebuilt(message: str, fix: str) -> UserError:
    return UserError(message, fix=fix)
