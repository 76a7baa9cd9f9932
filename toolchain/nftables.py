"""nftables' command for the tests of machines' firewalls: the machine's own program, or Debian's unpacked into the cache.

Tests run it in network namespaces of their own, and never on this machine's own rules.
"""

from __future__ import annotations

from toolchain.packaged import OneProgram


class Nftables(OneProgram):
    """The command."""

    name = "nftables"
    variable = "PLAT_NFT_BIN"

    _program = "nft"
    _packages = ("nftables",)
    _taken = _packages
    _title = "nftables"
    _needed_for = "tests give machines their rules by it"
    _format = b"1"
