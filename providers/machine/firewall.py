"""`machine:index:Firewall`: a machine's own nftables rules, whole, never left in a state that locks Plat out.

New rules are taken into use in one transaction and confirmed over a new connection; where none comes about, the machine
itself goes back to those that it had (docs/adr/0027).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar

from plat.machines.problems import NoAnswer, SshProblem
from plat.machines.ssh import Completed, Session
from providers.common.resource import Drift, Order, Outputs, Warn
from providers.machine import entering
from providers.machine.entering import MachineProblem
from providers.machine.inputs import FirewallInputs
from providers.machine.ruleset import TABLE

_ANEW = f"table {TABLE}; delete table {TABLE}; "
"""In front of the rules, so that they take the place of those before; in their first line, so that nft counts lines right."""

_REFUSED, _TOO_LATE, _MISSING = 10, 11, 127
_ERROR = re.compile(r"^\S*?:(?P<line>\d+):[\d-]+: Error: (?P<words>.*)$", re.MULTILINE)
_GRACE = 5.0


class Firewall:
    """The type of resource."""

    model = FirewallInputs
    secrets: ClassVar[frozenset[str]] = frozenset({"privateKey"})
    fixed: ClassVar[Mapping[str, str]] = {}
    replacing: ClassVar[frozenset[str]] = frozenset()
    foreseen: ClassVar[Outputs] = {"drift": []}
    noted: ClassVar[frozenset[str]] = frozenset()

    def check(self, _: None, inputs: FirewallInputs) -> None:
        """Find nothing wrong: the ruleset was judged as it was read, and the machine judges it before it is used."""

    def drift(self, _: None, inputs: FirewallInputs, known: Outputs) -> Drift:
        """Return `drift` where the machine's rules are others, as far as it can be asked."""
        try:
            found = _differences(inputs, known)
        except MachineProblem:
            return {}
        return {"drift": "; ".join(found)} if found else {}

    def create(self, _: None, order: Order, inputs: FirewallInputs) -> tuple[str, Outputs]:
        """Take the rules into use."""
        return entering.connection(inputs).where, _apply(inputs, order)

    def update(self, _: None, order: Order, old: FirewallInputs | None, new: FirewallInputs) -> Outputs:
        """Take the rules into use in the place of what is there."""
        del old
        return _apply(new, order)

    def read(self, _: None, inputs: FirewallInputs, known: Outputs, warn: Warn) -> Outputs | None:
        """Return in what the machine's rules are others; None where it cannot be asked."""
        try:
            return {**known, "drift": _differences(inputs, known)}
        except MachineProblem as problem:
            warn(f"the firewall could not be looked at: {problem}")
            return None

    def delete(self, _: None, resource_id: str, inputs: FirewallInputs) -> None:
        """Remove the table, and what would load it at the next boot."""
        del resource_id
        try:
            with entering.connection(inputs).opened() as session:
                entering.must_run(session, "remove")
        except (SshProblem, MachineProblem) as problem:
            msg = f"the firewall is not removed: {problem}. If the machine no longer exists, `pulumi state delete` forgets it"
            raise MachineProblem(msg) from None


def digest_of(listing: str) -> str:
    """Return a digest of what `nft -j list table` prints (libnftables-json(5)), of rules alone: no counts, no handles.

    Empty where there is no table.
    """
    try:
        document = json.loads(listing)
    except ValueError:
        return ""
    rules = [_plain(item) for item in document["nftables"] if "metainfo" not in item]
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def _plain(value: Any, within: str = "") -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    moving = {"handle"}
    if within in {"counter", "quota"}:
        moving |= {"packets", "bytes", "used"}
    if within in {"set", "map"} and {"dynamic", "timeout"} & set(value.get("flags", ())):
        moving |= {"elem"}  # filled by traffic
    return {name: _plain(item, name) for name, item in value.items() if name not in moving}


def _apply(inputs: FirewallInputs, order: Order) -> Outputs:
    document = _ANEW + inputs.ruleset
    try:
        with entering.connection(inputs).opened() as session:
            # A machine that does not answer before any rule of ours is no matter of these rules.
            entering.must_run(session, "show")
            kept = _confirmed(session, document, inputs.confirm_seconds, order)
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None
    return {"drift": [], "digest": digest_of(kept.out), "file": hashlib.sha256(document.encode()).hexdigest()}


def _confirmed(session: Session, document: str, seconds: int, order: Order) -> Completed:
    """Take the rules into use and return the new table. Raises SshProblem and MachineProblem, with the former rules there."""
    where, stamp = session.connection.where, secrets.token_hex(8)
    give_up = time.monotonic() + seconds
    why = ""
    try:
        applied = entering.run(session, "apply", stamp, str(seconds), given=document.encode(), timeout=seconds)
    except NoAnswer as lost:
        why = str(lost)
    else:
        if applied.code:
            msg = f"{where} does not take the rules: {_complaint(applied)}"
            raise MachineProblem(msg)
    while time.monotonic() < give_up:
        try:
            kept = entering.run(session, "keep", stamp)
        except NoAnswer as lost:
            why = str(lost)
            order.note(f"waiting to be let in under the new rules: {why}")
            time.sleep(1)
            continue
        if kept.code == _TOO_LATE:
            break
        if kept.code:
            msg = f"{where} does not keep the rules: {kept.why}"
            raise MachineProblem(msg)
        return kept
    order.note(f"waiting for {where} to go back to its former rules")
    time.sleep(max(0.0, give_up + _GRACE - time.monotonic()))
    try:
        session.run(["true"])
    except NoAnswer as lost:
        msg = f"{where} lets nobody in under these rules, and does not go back to its former ones: {lost}"
    else:
        msg = (
            f"{where} let nobody in under these rules within {seconds} s ({why or 'it took too long'}), so its former rules "
            f"are back: let TCP port {session.connection.port} in from where Plat runs"
        )
    raise MachineProblem(msg)


def _complaint(done: Completed) -> str:
    """What nft has against rules, by line of the ruleset."""
    if done.code == _MISSING:
        return "nftables is not installed: `apt-get install nftables`"
    if done.code != _REFUSED:
        return done.why
    return "; ".join(f"line {found['line']}: {found['words']}" for found in _ERROR.finditer(done.err)) or done.why


def _differences(inputs: FirewallInputs, known: Outputs) -> list[str]:
    """Say in what the machine differs from what was applied. Raises MachineProblem where it cannot be asked."""
    try:
        with entering.connection(inputs).opened() as session:
            shown = entering.must_run(session, "show").out.splitlines()
    except SshProblem as problem:
        raise MachineProblem(str(problem)) from None
    listing, file, loaded = (*shown, "", "", "")[:3]
    found = []
    if not listing.strip():
        found.append(f"table {TABLE} is gone")
    elif digest_of(listing) != known.get("digest"):
        found.append(f"table {TABLE} was changed by hand")
    if file.split()[0:1] != [known.get("file")]:
        found.append("/etc/nftables.d/plat.nft, which is loaded at boot, was changed or removed")
    if loaded != "loaded":
        found.append(f"nothing loads it at boot: {loaded}")
    return found
