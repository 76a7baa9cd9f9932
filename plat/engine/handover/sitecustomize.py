"""Hands what an interpreter is to run over to `plat`, which has a copy of itself run it with all modules loaded.

Python imports this where it begins, if `plat` runs Pulumi (`plat/engine/forkserver.py`); so it loads as little as it can.
Whatever does not go as it should, the interpreter goes on by itself.
"""

import os
import sys

_SERVER = "PLAT_FORKSERVER"
_TRACED = "TRACEPARENT"
_SCRIPT = "/pulumi-language-python-exec"
_MODULE = ["-m", "pulumi.policy"]
_TAKEN = b"y"
_INTERRUPT = b"\x02"
_CODE_BYTES = 16


def _begin() -> None:
    where = os.environ.pop(_SERVER, "")
    words = sys.orig_argv[1:]
    while words[:1] == ["-u"]:
        del words[0]
    is_known = words[:2] == _MODULE or (words != [] and words[0].endswith(_SCRIPT))
    if where and is_known and _TRACED not in os.environ:
        _hand_over(where, words)


def _hand_over(where: str, words: list[str]) -> None:
    """Ends this process with whoever runs it; returns where nobody does. An interrupt is sent on."""
    import socket

    said = _said(words)
    with socket.socket(socket.AF_UNIX) as server:
        interrupted = False

        def heard(most: int) -> bytes:
            nonlocal interrupted
            try:
                while True:
                    try:
                        return server.recv(most)
                    except KeyboardInterrupt:
                        interrupted = True
                        server.sendall(_INTERRUPT)
            except OSError:
                return b""

        try:
            server.connect(f"\0{where}")
            socket.send_fds(server, [b"%08d" % len(said)], [0, 1, 2])
            server.sendall(said)
            is_taken = heard(1) == _TAKEN
        except OSError:
            is_taken = False
        if is_taken:
            os._exit(int(heard(_CODE_BYTES) or b"1"))
        if interrupted:
            raise KeyboardInterrupt


def _said(words: list[str]) -> bytes:
    own = __file__.rpartition("/")[0]
    python = ["{}.{}.{}".format(*sys.version_info), sys.prefix]
    paths = [path for path in sys.path if path != own]
    variables = [f"{name}={value}" for name, value in os.environ.items()]
    parts = [python, words, paths, [os.getcwd()], variables]
    return os.fsencode("\0".join("\0".join([str(len(part)), *part]) for part in parts))


_begin()
