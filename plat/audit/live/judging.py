"""Judges what a server was found to have, as if a program were about to make it: by the pack's observers and the rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from plat.claims import OpaqueClaim
from plat.findings import Finding, errors
from plat.manual.audits import MISSING, UNGRANTED
from plat.plan.model import Plan
from plat.rules import judge
from plat.rules.rights import OPAQUE_ID
from policies.ground import Ground
from policies.observed import Observed, Options, Properties, Provider
from policies.observers import observe

PROTECTED = Options(protect=True)
"""Whether a thing is protected is Pulumi's to know, and no server's."""


def seen(kind: str, called: str, properties: Mapping[str, Any], provider: Mapping[str, Any] | None = None) -> Observed:
    """What a server has, as a resource of type `kind`; messages call it `called`. `provider` says where it is."""
    package = kind.partition(":")[0]
    by = Provider("", f"pulumi:providers:{package}", package, Properties(provider, "provider")) if provider else None
    return Observed(f"urn:pulumi:seen::plat::{kind}::{called}", kind, called, Properties(properties), by, PROTECTED, called)


def ungranted(resource: Observed, ground: Ground, step: str, otherwise: str = "") -> Iterator[Finding]:
    """What stands against something that a server has: what the rules say, or else `otherwise`, or else nothing.

    `step` is what takes it away.
    """
    claims = observe(resource, ground)
    told = [finding for finding in errors(judge(claims, ground.facts)) if finding.rule != OPAQUE_ID]
    for finding in told:
        yield dataclasses.replace(finding, message=f"{resource.label}: {finding.message}", hint=step)
    # A program's resource that cannot be judged could be anything. This one is there, and known for what it is.
    reason = otherwise or next((claim.reason for claim in claims if isinstance(claim, OpaqueClaim)), "")
    if reason and not told:
        yield Finding(rule=UNGRANTED.id, message=f"{resource.label}: {reason}", subject=resource.label, hint=step)


def missing(what: str, server: str, plan: Plan) -> Finding:
    """That a server does not have what the landscape grants."""
    message = f"{what} is missing in {server}, and the landscape has it"
    return Finding(rule=MISSING.id, message=message, subject=what, hint=f"{again(plan)} gives it back")


def again(plan: Plan) -> str:
    """The command that puts right what differs from what a stack has made."""
    return f"`plat up {plan.landscape} -e {plan.environment} --refresh`"
