"""Durations as descriptors write them: a whole number with s, m, h or d."""

_MILLISECONDS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def milliseconds(duration: str) -> int:
    """Give a duration such as `7d` in milliseconds. Raises ValueError for anything else than a number and a unit."""
    number, unit = duration[:-1], duration[-1:]
    if unit not in _MILLISECONDS or not number.isdecimal():
        message = f"{duration[:20]!r} is no duration"
        raise ValueError(message)
    return int(number) * _MILLISECONDS[unit]


def shown(duration_ms: int) -> str:
    """Give milliseconds as a descriptor would write them, in the largest unit that needs no fraction."""
    for unit in sorted(_MILLISECONDS, key=_MILLISECONDS.__getitem__, reverse=True):
        if duration_ms % _MILLISECONDS[unit] == 0:
            return f"{duration_ms // _MILLISECONDS[unit]}{unit}"
    return f"{duration_ms} ms"
