"""Errors about what descriptors say of each other."""

from collections.abc import Iterable
from typing import Final

from plat.descriptors.problems import Problem, shown
from plat.descriptors.suggest import did_you_mean
from plat.findings import Severity

LISTED_LIMIT: Final = 12


def _hint(word: str, known: Iterable[str], plural: str) -> str:
    known = list(known)
    if not known:
        return f"there are no {plural}"
    listed = f"the {plural} are {', '.join(sorted(known))}" if len(known) <= LISTED_LIMIT else ""
    return did_you_mean(word, known) or listed


def misplaced(kind: str, landscape_file: str) -> Problem:
    """Refuse a Landscape in another file, and another kind in the landscape's file."""
    if kind == "Landscape":
        hint = f"write it into `{landscape_file}` at the top of the folder: a folder is one landscape"
        return Problem(rule="misplaced-landscape", message="a Landscape stands in a file of another name", hint=hint)
    hint = f"give this {kind} a file of its own"
    return Problem(rule="misplaced-landscape", message=f"`{landscape_file}` holds a {kind}", hint=hint)


def no_landscape_file(name: str) -> Problem:
    """Refuse a folder without the landscape's own descriptor."""
    hint = "it names the landscape and its teams: `plat new landscape` writes one"
    return Problem(rule="no-landscape-file", message=f"there is no `{name}` in this folder", hint=hint)


def other_folder(name: str, folder: str) -> Problem:
    """Refuse a landscape whose folder has another name."""
    hint = "give both one name"
    message = f"the landscape is called {shown(name)}, but its folder {shown(folder)}"
    return Problem(rule="landscape-name", message=message, hint=hint)


def no_contexts() -> Problem:
    """Refuse a landscape without any context."""
    return Problem(
        rule="no-contexts", message="this landscape has no contexts", hint="`plat new context` writes the first descriptor"
    )


def duplicate_name(kind: str, name: str, other_kind: str) -> Problem:
    """Refuse a name that something else has."""
    message = f"{kind} {shown(name)} has the name of another {other_kind}"
    return Problem(rule="duplicate-name", message=message, hint="rename one of them")


def lookalike(kind: str, name: str, other: str) -> Problem:
    """Refuse a name that a reader confuses with another one."""
    message = f"{kind} {shown(name)} looks like {shown(other)}"
    return Problem(rule="lookalike-name", message=message, hint="choose a name that nobody can mistake for the other")


def unknown_team(name: str, known: Iterable[str], landscape_file: str) -> Problem:
    """Refuse a team that the landscape does not list."""
    message = f"team {shown(name)} is not in {landscape_file}"
    return Problem(rule="unknown-team", message=message, hint=_hint(name, known, "teams"))


def unknown_external(name: str, known: Iterable[str], landscape_file: str) -> Problem:
    """Refuse an external system that the landscape does not list."""
    message = f"external {shown(name)} is not in {landscape_file}"
    return Problem(rule="unknown-external", message=message, hint=_hint(name, known, "externals"))


def unknown_context(name: str, known: Iterable[str]) -> Problem:
    """Refuse a context that no descriptor describes."""
    message = f"context {shown(name)} is not in this landscape"
    return Problem(rule="unknown-context", message=message, hint=_hint(name, known, "contexts"))


def unknown_event(producer: str, event: str, known: Iterable[str]) -> Problem:
    """Refuse an event that its context does not publish."""
    message = f"{shown(producer)} publishes no event {shown(event)}"
    return Problem(rule="unknown-event", message=message, hint=_hint(event, known, f"events of `{producer}`"))


def retired_event(event: str) -> Problem:
    """Refuse the consumption of an event that is not published any more."""
    message = f"event {shown(event)} is retired: nobody publishes it any more"
    return Problem(rule="retired-event", message=message, hint="take this entry out, or ask its context for a successor")


def deprecated_event(event: str) -> Problem:
    """Warn of an event that will be retired."""
    message = f"event {shown(event)} is deprecated: it will be retired"
    hint = "move to its successor; its context knows which"
    return Problem(rule="deprecated-event", message=message, hint=hint, severity=Severity.WARNING)


def other_version(event: str, wanted: int, published: int) -> Problem:
    """Refuse a version of an event that is not the published one."""
    message = f"event {shown(event)} is published in version {published}, not {wanted}"
    return Problem(rule="event-version", message=message, hint=f"write `version: {published}`, or leave it out")


def unknown_operation(name: str, operation: str, known: Iterable[str]) -> Problem:
    """Refuse an operation that the other side does not expose."""
    message = f"{shown(name)} exposes no operation {shown(operation)}"
    return Problem(rule="unknown-operation", message=message, hint=_hint(operation, known, f"operations of `{name}`"))


def unknown_datastore(context: str, kind: str, known: Iterable[str]) -> Problem:
    """Refuse an access to a store that its context does not have."""
    message = f"{shown(context)} has no datastore" + (f" of type {shown(kind)}" if kind else "")
    return Problem(rule="unknown-datastore", message=message, hint=_hint(kind, known, f"datastores of `{context}`"))


def ambiguous_datastore(context: str, known: Iterable[str]) -> Problem:
    """Refuse an access that does not say to which of several stores."""
    choices = ", ".join(f"`{context}/{kind}`" for kind in sorted({*known}))
    message = f"{shown(context)} has several datastores"
    return Problem(rule="ambiguous-datastore", message=message, hint=f"say which: {choices}")


def ambiguous_store_of_contract(context: str, known: Iterable[str]) -> Problem:
    """Refuse a contract that does not say of which of several stores it speaks."""
    choices = " or ".join(f"`datastore: {kind}`" for kind in sorted({*known}))
    message = f"{shown(context)} has several datastores"
    return Problem(rule="ambiguous-datastore", message=message, hint=f"say which: {choices}")


def unknown_contract(name: str, known: Iterable[str]) -> Problem:
    """Refuse a data contract that no descriptor describes."""
    message = f"contract {shown(name)} is not in this landscape"
    hint = _hint(name, known, "contracts")
    return Problem(rule="unknown-contract", message=message, hint=f"{hint} (a file with `kind: DataContract` describes one)")


def self_relation(name: str, verb: str) -> Problem:
    """Refuse a relation of something with itself."""
    message = f"{shown(name)} {verb} itself"
    return Problem(rule="self-relation", message=message, hint="take this entry out: what is one's own needs no declaration")


def no_broker(landscape_file: str) -> Problem:
    """Refuse events in a landscape that has nothing to carry them."""
    return Problem(
        rule="no-broker",
        message=f"events need a message broker, and {landscape_file} has none",
        hint=f"write `broker: {{type: rabbitmq}}` into {landscape_file}",
    )


def queue_taken(queue: str, other: str) -> Problem:
    """Refuse a queue (or its dead-letter queue) that another consumption has."""
    message = f"queue {shown(queue)} is the one of {other} too"
    hint = "give it another name: each consumer of an event has a queue of its own"
    return Problem(rule="queue-taken", message=message, hint=hint)


def hosted_with_deployables(context: str, host: str) -> Problem:
    """Refuse deployables of a context that a shared one hosts."""
    message = f"context {shown(context)} has deployables of its own, but {shown(host)} hosts it"
    return Problem(rule="hosted-context", message=message, hint=f"take them out, or take the context out of `hosts` in {host}")


def without_deployable(context: str) -> Problem:
    """Warn of a context that runs nowhere."""
    return Problem(
        rule="context-without-deployable",
        message=f"context {shown(context)} has no deployable: nothing runs for it",
        hint="add one below `deployables`, or name the context in the `hosts` of a descriptor of kind Deployable",
        severity=Severity.WARNING,
    )


def schema_without_host(context: str) -> Problem:
    """Refuse a shared database for a context that shares no deployable."""
    return Problem(
        rule="schema-without-host",
        message=f"isolation `schema` is for contexts that share one deployable, and none hosts {shown(context)}",
        hint="write `instance` or `database`, or name the context in the `hosts` of a descriptor of kind Deployable",
    )


def schema_of_several_hosts(context: str, hosts: Iterable[str]) -> Problem:
    """Refuse a schema in a server of one deployable for a context that several host."""
    return Problem(
        rule="schema-of-several-hosts",
        message=f"isolation `schema` is for contexts that one deployable hosts, and {' and '.join(map(shown, hosts))} host "
        f"{shown(context)}",
        hint="write `instance` or `database`, or leave the context to one of them",
    )


def shared_server_differs(host: str, field: str, wanted: str, other: str) -> Problem:
    """Refuse contexts that want different things of the one server in which they have schemas."""
    return Problem(
        rule="shared-server-differs",
        message=f"the contexts of {shown(host)} share one server, and this one wants {field} {shown(wanted)}, another one "
        f"{shown(other)}",
        hint="agree on one, or give this context `isolation: instance`",
    )


def second_store_in_server(context: str, kind: str, isolation: str) -> Problem:
    """Refuse a second store of one context in a server that it shares: it has one role there."""
    return Problem(
        rule="second-store-in-server",
        message=f"{shown(context)} has two {kind} stores with isolation {shown(isolation)}: one server would hold both, and "
        "a context has one role there",
        hint="give one of them `isolation: instance`",
    )


def store_named_like_host(host: str) -> Problem:
    """Refuse a store whose server would be called like the one that a deployable's contexts share."""
    return Problem(
        rule="store-named-like-host",
        message=f"a postgresql called {shown(host)} would have the server of the deployable {shown(host)}, in which its "
        "contexts have schemas",
        hint="give the store another `name`",
    )


def without_port(name: str) -> Problem:
    """Refuse operations that nothing can answer."""
    return Problem(
        rule="no-port",
        message=f"{shown(name)} exposes operations, but nothing of it has a `port` to answer on",
        hint="give the deployable that answers a `port`",
    )


def missing_file(path: str, known: Iterable[str]) -> Problem:
    """Refuse the path of a file that is not there."""
    hint = did_you_mean(path, known) or "paths are relative to the landscape's folder"
    return Problem(rule="missing-file", message=f"there is no regular file {shown(path)} in this landscape", hint=hint)


def descriptor_as_contract(path: str) -> Problem:
    """Refuse a contract's file that would be read as a descriptor."""
    stem = path.removesuffix(".yaml")
    return Problem(
        rule="contract-suffix",
        message=f"{shown(path)} is read as a descriptor, as every file that ends in `.yaml` alone",
        hint=f"call it `{stem}.openapi.yaml`, `{stem}.asyncapi.yaml`, `{stem}.schema.yaml` or `{stem}.odcs.yaml`",
    )
