"""Numbers as the pages show them."""

DASH = "–"


def format_number(value: int | None) -> str:
    """A count with thin spaces between thousands; a dash for None."""
    return DASH if value is None else f"{value:,}".replace(",", "\u202f")


def format_count(value: int, noun: str, plural: str | None = None) -> str:
    """A count of things: 1 video, 2 videos; a noun may have a plural of its own."""
    return f"{format_number(value)} {noun if value == 1 else plural or noun + 's'}"


def format_figure(value: float | None) -> str:
    """A percentage with one decimal; a dash for None."""
    return DASH if value is None else f"{value:.1f}"


def format_duration(seconds: float | None) -> str:
    """Seconds as a person says them: 4.2 s, 3 min 05 s, 2 h 07 min; a dash for None."""
    if seconds is None:
        return DASH
    if seconds < 60:
        return f"{seconds:.1f}\u202fs"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}\u202fmin {rest:02d}\u202fs"
    return f"{minutes // 60}\u202fh {minutes % 60:02d}\u202fmin"


def format_memory(megabytes: float | None) -> str:
    """Megabytes, from 1024 on gigabytes; a dash for None."""
    if megabytes is None:
        return DASH
    return f"{megabytes:.0f}\u202fMB" if megabytes < 1024 else f"{megabytes / 1024:.1f}\u202fGB"


def shortened(text: str, most: int) -> str:
    """A text of at most ``most`` characters, for places that have no room for more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
