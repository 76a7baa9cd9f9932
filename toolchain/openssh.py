"""A server of OpenSSH for the tests that enter machines: the machine's own program, or Debian's unpacked into the cache.

Nothing starts it but a test, with a configuration of its own; the client is the machine's.
"""

from __future__ import annotations

from toolchain.packaged import OneProgram


class OpenSSH(OneProgram):
    """The server's program."""

    name = "openssh"
    variable = "PLAT_SSHD_BIN"

    _program = "sshd"
    _packages = ("openssh-server",)
    _taken = _packages
    _title = "an OpenSSH server"
    _needed_for = "tests enter machines through it"
    _format = b"1"
