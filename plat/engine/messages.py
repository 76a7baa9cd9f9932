"""What to tell a user whose update failed, beyond Pulumi's own words."""

from __future__ import annotations

import re
from collections.abc import Callable

_PROTECTED = re.compile(r'resource "(?P<urn>urn:[^"]*::(?P<name>[^"]+))" cannot be deleted\s+because it is protected')
_REPLACED = re.compile(
    r'unable to replace resource "urn:[^"]*postgresql\.cnpg\.io/v1:Cluster::(?P<name>[^"]+)"\s+as it is currently marked for'
)
_HOLDER = re.compile(r"created by [^@\s]+@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")
_KEY = re.compile(r"secrets \(code=\w+\)|open keeper|secrets manager for new stack: (?!.*passphrase)")
_STORE = re.compile(r"blob \((?:key [^)]*\) \()?code=\w+\)")
_TOPIC = "kafka:index/topic:Topic"


def explain(text: str, stack: str, where: str) -> str:
    """What `text`, the output of a failed run of Pulumi on `stack`, means here; empty where its own words must do.

    `where` names what keeps its state.
    """
    for recognise in _KNOWN:
        found = recognise(text, stack, where)
        if found:
            return found
    return ""


def _protected(text: str, stack: str, _where: str) -> str:
    found = {match["urn"]: match["name"] for match in _PROTECTED.finditer(text)}
    topics = sorted(urn for urn in found if f"{_TOPIC}::" in urn)
    stores = sorted(set(found.values()) - {found[urn] for urn in topics})
    return "\n".join(filter(None, (_lost_stores(stores, stack), *(_lost_topic(found[urn], urn, stack) for urn in topics))))


def _lost_topic(name: str, urn: str, stack: str) -> str:
    return (
        f"this would have lost the records of topic {name}: its event is gone from the descriptors, or has another version. "
        "Nothing was deleted. To retire an event, write `status: retired`: its topic stays, and nobody may write to it. To "
        f"leave the topic to Kafka, with its records: `pulumi state unprotect -s {stack} --yes '{urn}'`, then the same again"
    )


def _lost_stores(names: list[str], stack: str) -> str:
    if not names:
        return ""
    landscape = stack.partition(".")[0]
    return (
        f"this would have lost data: {', '.join(names)}. Nothing was deleted. No descriptor declares it as it is any more: "
        "its context was removed or renamed, or its datastore has another name, type or isolation. Put the descriptor back, "
        "and let the new store stand beside the old one, as a second `datastore` with a `name` of its own, until its data has "
        "been copied over. "
        f"`plat destroy {landscape} --with-data` removes a landscape with all its data"
    )


def _recovered(text: str, _stack: str, _where: str) -> str:
    names = sorted({match["name"] for match in _REPLACED.finditer(text)})
    if not names:
        return ""
    return (
        f"{', '.join(names)} is there and is not replaced by what its copies hold. Nothing was changed. If that is what you "
        "want, remove it with its volumes first (docs/kubernetes.md, 'Copies of PostgreSQL'); if not, take the last entry of "
        "`recoveries` out of the environment again"
    )


def _locked(text: str, stack: str, _where: str) -> str:
    if "the stack is currently locked by" not in text:
        return ""
    held = _HOLDER.search(text)
    who = f" (PID {held['pid']} on {held['host']}, since {held['since']})" if held else ""
    cancel = f"`pulumi cancel -s {stack}`"
    return f"another update of {stack} is running{who}: wait for it to end. If it is certainly dead: {cancel}"


def _unreachable(text: str, stack: str, where: str) -> str:
    if _KEY.search(text):
        return (
            f"the key that the secrets of {stack} are encrypted with cannot be used; above is what its service says. "
            "Credentials for it are read from the environment"
        )
    if _STORE.search(text):
        return f"the state of {stack} cannot be reached in {where}; credentials are read from the environment"
    return ""


def _passphrase(text: str, stack: str, _where: str) -> str:
    if "incorrect passphrase" not in text:
        return ""
    return (
        f"the passphrase in .plat/passphrase is not the one that the secrets of {stack} were encrypted with; "
        "put the old one back"
    )


def _disk_full(text: str, _stack: str, _where: str) -> str:
    return "the disk is full: make room, then run the same command again" if "no space left on device" in text.lower() else ""


def _cut_off(text: str, stack: str, where: str) -> str:
    if "failed to load checkpoint" not in text:
        return ""
    file = f"{stack}.json"
    copy = f"copy `{file}.bak` over `{file}`" if "://" in where else f"`cp {file}.bak {file}`"
    return (
        f"the state of {stack} is cut off or written over. Nothing was changed. Pulumi keeps the one before it beside it: in "
        f"{where}/.pulumi/stacks/plat, {copy}, then `plat up` with --refresh"
    )


_KNOWN: tuple[Callable[[str, str, str], str], ...] = (
    _protected,
    _recovered,
    _locked,
    _passphrase,
    _disk_full,
    _unreachable,
    _cut_off,
)
