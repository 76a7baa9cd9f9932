"""Interpreters that have loaded everything: Pulumi's programs and policy packs run in copies of one process.

Each update of a stack starts Python twice, for its program and for the policy pack, and most of what these do is to load the
same modules and to read the same plan. Here one process has both, and is copied for each: an interpreter that Pulumi starts
hands over what it is to run (`handover/sitecustomize.py`), with its variables, its folder and its open files, and ends as the
copy ends. Copies share nothing: the process that they are copies of never sees a stack's secrets.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import runpy
import secrets
import select
import signal
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final, NoReturn

from plat.garbage import uncollected
from plat.meanwhile import is_alone

VARIABLE: Final = "PLAT_FORKSERVER"
_HANDOVER = Path(__file__).parent / "handover"
_BACKLOG = 64
_SIZE = 8
_STANDARD = 3
_MOST = 16 << 20
_TICK = 0.5
"""Seconds after which copies that have ended are looked for."""


@contextlib.contextmanager
def forkserver(modules: Sequence[str], prepare: Callable[[], None]) -> Iterator[Mapping[str, str]]:
    """Serve for as long as the block runs; gives the variables by which Pulumi's interpreters find it.

    What is copied has loaded `modules` and done what `prepare` does. There are no variables where this process cannot be
    copied: it has other threads. The server ends with this process, however that ends, and what it runs goes on.
    """
    if not is_alone():
        yield {}
        return
    name = f"plat-{secrets.token_hex(16)}"
    listener = socket.socket(socket.AF_UNIX)
    # A name without a file: nothing is left behind, whoever is killed.
    listener.bind(f"\0{name}")
    listener.listen(_BACKLOG)
    ended, alive = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        os.close(alive)
        try:
            _Server(listener, ended).serve(modules, prepare)
        finally:
            os._exit(0)
    os.close(ended)
    listener.close()
    paths = [str(_HANDOVER), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        yield {VARIABLE: name, "PYTHONPATH": os.pathsep.join(paths)}
    finally:
        # It may still be loading what nobody has asked for; copies are on their own.
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(alive)


@dataclass(frozen=True)
class _Asked:
    """What an interpreter was to run: its words behind those for Python itself, where it looks for modules, where, and how."""

    words: Sequence[str]
    paths: Sequence[str]
    folder: str
    variables: Mapping[str, str]


class _Server:
    """Takes what is asked for at `listener` until `ended` is closed at its other end."""

    def __init__(self, listener: socket.socket, ended: int) -> None:
        self._listener = listener
        self._ended = ended

    def serve(self, modules: Sequence[str], prepare: Callable[[], None]) -> None:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # What is said while modules are loaded is nobody's to read, and whoever reads what `plat` says waits for nobody else.
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(_STANDARD):
            os.dup2(nothing, number)
        with uncollected(for_good=True):
            for module in modules:
                importlib.import_module(module)
            prepare()
        # Somebody who connects to one that cannot be copied is refused by its end, and goes on by himself.
        while is_alone():
            ready, _, _ = select.select([self._listener.fileno(), self._ended], [], [], _TICK)
            if self._ended in ready:
                return
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if ready:
                with contextlib.suppress(OSError, ValueError):
                    self._take()

    def _take(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            if not _is_own(connection):
                return
            size, files, _, _ = socket.recv_fds(connection, _SIZE, _STANDARD)
            try:
                asked = int(size)
                if len(files) == _STANDARD and not os.fork():
                    self._be_copy(connection, asked, files)
            finally:
                for file in files:
                    os.close(file)

    def _be_copy(self, connection: socket.socket, size: int, files: Sequence[int]) -> NoReturn:
        code = 1
        try:
            self._listener.close()
            os.close(self._ended)
            asked = _read(connection, size)
            connection.sendall(b"y")
            _become(asked, files)
            threading.Thread(target=_watch, args=(connection,), daemon=True).start()
            code = _code_of(asked.words)
            sys.stdout.flush()
            sys.stderr.flush()
            connection.sendall(b"%d" % code)
        finally:
            os._exit(code)


def _is_own(connection: socket.socket) -> bool:
    """Whether the same user has connected: a name without a file is open to everybody on the machine."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return bool(struct.unpack("3i", found)[1] == os.getuid())


def _read(connection: socket.socket, size: int) -> _Asked:
    """What is asked for. Raises ValueError where it comes from another Python than this one, or is something else."""
    texts = iter(os.fsdecode(_exactly(connection, size)).split("\0"))
    python, words, paths, (folder,), variables = ([next(texts) for _ in range(int(next(texts)))] for _ in range(5))
    if python != ["{}.{}.{}".format(*sys.version_info), sys.prefix]:
        msg = "another Python"
        raise ValueError(msg)
    return _Asked(words, paths, folder, dict(variable.split("=", 1) for variable in variables))


def _exactly(connection: socket.socket, size: int) -> bytes:
    if size > _MOST:
        msg = "too much"
        raise ValueError(msg)
    found = b""
    while len(found) < size:
        part = connection.recv(size - len(found))
        if not part:
            msg = "too little"
            raise ValueError(msg)
        found += part
    return found


def _become(asked: _Asked, files: Sequence[int]) -> None:
    """Make of this process what the interpreter would have been."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = TextIOWrapper(os.fdopen(0, "rb"))
    sys.stdout, sys.stderr = (TextIOWrapper(os.fdopen(number, "wb", 0), write_through=True) for number in (1, 2))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked.variables)
    os.chdir(asked.folder)
    sys.path[:] = asked.paths


def _watch(connection: socket.socket) -> None:
    """Send on what the interpreter is interrupted by, and end with it."""
    with contextlib.suppress(OSError):
        while said := connection.recv(1):
            os.kill(os.getpid(), said[0])
    os.kill(os.getpid(), signal.SIGKILL)


def _code_of(words: Sequence[str]) -> int:
    """Run what the interpreter was to run; gives the code to exit with."""
    try:
        if words[0] == "-m":
            sys.argv[:] = words[1:]
            sys.path.insert(0, str(Path.cwd()))
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv[:] = words
            sys.path.insert(0, str(Path(words[0]).parent))
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)  # noqa: T201 - as an interpreter does
        return 1
    except BaseException:  # noqa: BLE001 - as an interpreter does at its end
        traceback.print_exc()
        return 1
    return 0
