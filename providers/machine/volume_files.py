"""`machine:index:VolumeFiles`: whose a volume of Docker's is, and what is in it.

Docker gives a new volume to root, and copies files into no container whose root is read-only; so the volume's folder is filled
on the machine itself.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping
from typing import ClassVar

from plat.machines.problems import SshProblem
from providers.common.resource import Drift, Order, Outputs, Warn
from providers.machine import entering
from providers.machine.entering import MachineProblem
from providers.machine.inputs import VolumeFilesInputs

_FOLDER = "700"


class VolumeFiles:
    """The type of resource. What is in a volume stays when it is deleted: volumes outlive those who use them."""

    model = VolumeFilesInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"privateKey", "files"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset({"volume"})
    foreseen: ClassVar[Outputs] = {"filled": True}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, _: None, inputs: VolumeFilesInputs) -> None:
        """Find nothing wrong: the inputs themselves say it all."""

    def drift(self, _: None, inputs: VolumeFilesInputs, known: Outputs) -> Drift:
        """Return `filled` where the volume holds something else, as far as it can be asked."""
        del known
        try:
            return {} if _is_filled(inputs) else {"filled": f"volume {inputs.volume} was changed by hand"}
        except MachineProblem:
            return {}

    def create(self, _: None, order: Order, inputs: VolumeFilesInputs) -> tuple[str, Outputs]:
        """Fill it."""
        del order
        return inputs.volume, _fill(inputs)

    def update(self, _: None, order: Order, old: VolumeFilesInputs | None, new: VolumeFilesInputs) -> Outputs:
        """Fill it anew."""
        del order, old
        return _fill(new)

    def read(self, _: None, inputs: VolumeFilesInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return whether it holds what it should; None where it cannot be asked."""
        try:
            return {**known, "filled": _is_filled(inputs)}
        except MachineProblem as problem:
            warn(f"volume {inputs.volume} could not be looked at: {problem}")
            return None

    def delete(self, _: None, resource_id: str, inputs: VolumeFilesInputs) -> None:
        """Do nothing."""


def archive(files: Mapping[str, str], user: int) -> bytes:
    """A tar archive (pax) of files that `user` alone may read."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as packed:
        for name, text in sorted(files.items()):
            content = text.encode()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o400, user, user
            packed.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def _what(inputs: VolumeFilesInputs) -> str:
    return "files" if inputs.files else "owner"


def _fill(inputs: VolumeFilesInputs) -> Outputs:
    given = archive(inputs.files, inputs.owner) if inputs.files else b""
    try:
        with entering.connection(inputs).opened() as session:
            done = entering.run(session, "fill", inputs.volume, str(inputs.owner), _what(inputs), given=given)
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None
    if done.code:
        msg = f"volume {inputs.volume} on {inputs.address}: {done.why}"
        raise MachineProblem(msg)
    return {"filled": True}


def _is_filled(inputs: VolumeFilesInputs) -> bool:
    try:
        with entering.connection(inputs).opened() as session:
            owner, *held = entering.must_run(session, "held", inputs.volume, _what(inputs)).out.splitlines()
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None
    wanted = {f"{hashlib.sha256(text.encode()).hexdigest()}  {name}" for name, text in inputs.files.items()}
    return owner == f"{inputs.owner}:{inputs.owner} {_FOLDER}" and set(held) == wanted
