"""How other plugins, such as Docker's, enter a machine by a key that stands in no file (docs/adr/0027)."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from plat.machines.ssh import lent_at, options
from providers.machine import sdk


@dataclass(frozen=True)
class Access:
    """A machine's entrance, and how other plugins take it.

    `provider` lends the key while Pulumi runs. Every stack in which another plugin enters the machine has at least one
    resource of it, so that the engine starts it in a refresh and in a destroy as well: Reachable and Firewall get it.
    """

    entrance: sdk.Entrance
    provider: sdk.Provider
    ssh_opts: pulumi.Output[list[str]]
    """For `sshOpts` of pulumi-docker's provider: no secret and no path of this machine."""


def access(name: str, entrance: sdk.Entrance, public_key: pulumi.Input[str], opts: pulumi.ResourceOptions) -> Access:
    """Give the access by `entrance`, whose private key has the public half `public_key`."""
    provider = sdk.Provider(name, lent_keys=[entrance.private_key], opts=opts)
    ssh_opts = pulumi.Output.all(entrance.host_key, public_key).apply(lambda keys: options(keys[0], lent_at(keys[1])))
    return Access(entrance, provider, ssh_opts)
