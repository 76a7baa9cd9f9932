"""What a program registers, as the policy pack would see it, without an engine."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import pulumi
from google.protobuf import json_format  # type: ignore[import-untyped] # no type hints are published for it
from pulumi.runtime import mocks, settings
from pulumi_policy import PolicyCustomTimeouts, PolicyProviderResource, PolicyResourceOptions, ResourceValidationArgs
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from policies.observed import Observed, Properties
from policies.reading import observed, plain


class _Outputs(mocks.Mocks):
    """In a preview no resource has outputs yet; in an update each has what it was given, and a password its value.

    Other stacks are there in either, and put out `others`.
    """

    def __init__(self, others: Mapping[str, object], *, preview: bool) -> None:
        self._preview = preview
        self._others = dict(others)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ == "pulumi:pulumi:StackReference":
            return args.name, {"name": args.name, "outputs": self._others, "secretOutputNames": ["secrets"]}
        if self._preview:
            return ("" if args.typ.startswith(("docker:", "libvirt:")) else f"{args.name}-id"), {}
        return self._id(args), {**args.inputs, **self._given(args)}

    @staticmethod
    def _id(args: mocks.MockResourceArgs) -> str:
        if args.typ.startswith("libvirt:"):
            return f"/pool/{args.inputs.get('name')}"
        return hashlib.sha256(args.name.encode()).hexdigest() if args.typ.endswith(":Container") else f"{args.name}-id"

    @staticmethod
    def _given(args: mocks.MockResourceArgs) -> dict[str, Any]:
        """What providers give besides."""
        inputs, digest = args.inputs, hashlib.sha256(args.name.encode()).hexdigest()
        match args.typ.rpartition(":")[2]:
            case "RandomPassword":
                return {"result": digest[:32]}
            case "RemoteImage":
                return {"imageId": f"sha256:{hashlib.sha256(inputs['name'].encode()).hexdigest()}"}
            case "SshKey":
                private = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{digest}\n-----END OPENSSH PRIVATE KEY-----\n"
                return {"publicKey": f"ssh-ed25519 {digest}{digest[:4]} {inputs['comment']}", "privateKey": private}
            case "Volume" if args.typ.startswith("docker:"):
                return {"mountpoint": f"/var/lib/docker/volumes/{inputs['name']}/_data"}
            case "Reachable":
                return {"host": f"ssh://{inputs['user']}@{inputs['address']}:{int(inputs['port'])}"}
            case _:
                return {}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:  # noqa: ARG002
        return {}, None


class _Recorder(mocks.MockMonitor):
    def __init__(self, outputs: mocks.Mocks) -> None:
        super().__init__(outputs)
        self.requests: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: ANN401, N802 - the monitor's signature
        urn = self.make_urn(request.parent, request.type, request.name)
        self.requests[urn] = request
        self.answers[urn] = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        return self.answers[urn]


@contextmanager
def fresh_runtime() -> Iterator[None]:
    """Lend Pulumi's runtime an event loop, and take back the mocks, which it keeps for the whole process."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    settings.reset_options()
    asyncio.set_event_loop(None)
    loop.close()


def registered(
    program: Callable[[], object], stack: str, *, preview: bool, others: Mapping[str, object] = MappingProxyType({})
) -> list[Observed]:
    """All that `program` registers in the stack `stack`, in the order in which it does; other stacks put out `others`."""
    return [resource for resource, _ in made(program, stack, preview=preview, others=others)]


def made(
    program: Callable[[], object], stack: str, *, preview: bool, others: Mapping[str, object] = MappingProxyType({})
) -> list[tuple[Observed, Observed]]:
    """The same, and as it is at the end: with what its provider gives besides."""
    outputs = _Outputs(others, preview=preview)
    recorder = _Recorder(outputs)
    mocks.set_mocks(outputs, project="plat", stack=stack, preview=preview, monitor=recorder)
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    found = []
    for urn, request in recorder.requests.items():
        before = _observed(urn, request, recorder.requests)
        answer = recorder.answers[urn]
        given = {"id": answer.id, **_plain(answer.object)} if answer.id else _plain(answer.object)
        after = dataclasses.replace(before, properties=Properties({**before.properties.plain(), **given}))
        found.append((before, after))
    return found


def _observed(urn: str, request: Any, requests: dict[str, Any]) -> Observed:  # noqa: ANN401 - a message of the engine's
    options = PolicyResourceOptions(
        protect=request.protect,
        ignore_changes=list(request.ignoreChanges),
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
        parent=request.parent,
    )
    return observed(
        ResourceValidationArgs(request.type, _properties(request), urn, request.name, options, _provider(request, requests))
    )


def _provider(request: Any, requests: dict[str, Any]) -> PolicyProviderResource | None:  # noqa: ANN401 - a message
    urn = request.provider.rpartition("::")[0]
    if not urn:
        return None
    provider = requests[urn]
    return PolicyProviderResource(provider.type, _properties(provider), urn, provider.name)


def _properties(request: Any) -> Any:  # noqa: ANN401 - the SDK's proxy
    return unknown_checking_proxy(deserialize_properties(json_format.MessageToDict(request.object)))


def _plain(struct: Any) -> dict[str, Any]:  # noqa: ANN401 - a message
    found: dict[str, Any] = plain(deserialize_properties(json_format.MessageToDict(struct)))
    return found
