"""What can go wrong with the hypervisor and be mended by its user."""

from __future__ import annotations

from toolchain.errors import SetupError


class FullDiskError(SetupError):
    """A file did not fit onto the disk image."""

    def __init__(self, place: str, size: int) -> None:
        super().__init__(f"{place} does not fit onto the disk image of {size >> 30} GB. Raise it in toolchain/vm/disk.py")
