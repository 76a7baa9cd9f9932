"""Files written whole or not at all, also as root into folders that belong to the service user."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from providers.local.accounts import Account


def make_folder(path: Path, mode: int, account: Account | None = None) -> None:
    """Make `path` with `mode`, owned by `account` or else by the caller. Its parent has to exist."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    with _opened(path) as folder:
        os.fchmod(folder, mode)
        if account and account.switches:
            os.fchown(folder, account.uid, account.gid)


def write(path: Path, text: str, account: Account | None = None, mode: int = 0o600) -> bool:
    """Make `path` hold `text`, owned by `account` or else by the caller; tell whether it held anything else before.

    Never follows a link, so that who owns the folder cannot send the write elsewhere.
    """
    with _opened(path.parent) as folder:
        if _read_in(folder, path.name) == text:
            return False
        temporary = f".{path.name}.{secrets.token_hex(4)}"
        try:
            _create(folder, temporary, text, account, mode)
            os.rename(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise
    return True


def read(path: Path) -> str | None:
    """Return what the regular file `path` holds; None where there is none."""
    try:
        with _opened(path.parent) as folder:
            return _read_in(folder, path.name)
    except FileNotFoundError:
        return None


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last `count` lines of the log `path` that are not empty, as far as its last 64 kB hold them."""
    try:
        with open(path, "rb", opener=_no_follow) as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 65536))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:] if count else []


def _create(folder: int, name: str, text: str, account: Account | None, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "w", encoding="utf-8") as file:
        if account and account.switches:
            os.fchown(file.fileno(), account.uid, account.gid)
        os.fchmod(file.fileno(), mode)
        file.write(text)


def _read_in(folder: int, name: str) -> str | None:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
        return file.read()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _no_follow(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
