"""Machines for Pulumi programs. What each property means stands in `providers.machine.inputs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from providers.common.sdk import PlainResource


class Provider(pulumi.ProviderResource):
    """A provider that lends keys to other plugins while it runs."""

    def __init__(
        self,
        resource_name: str,
        *,
        lent_keys: Sequence[pulumi.Input[str]] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        keys = [pulumi.Output.secret(key) for key in lent_keys]
        super().__init__("machine", resource_name, {"lentKeys": keys}, opts)


@dataclass(frozen=True)
class Entrance:
    """How a machine is entered, as properties of resources."""

    address: pulumi.Input[str]
    user: pulumi.Input[str]
    host_key: pulumi.Input[str]
    private_key: pulumi.Input[str]
    port: pulumi.Input[int] = 22

    @property
    def properties(self) -> Mapping[str, pulumi.Input[Any]]:
        """By their names on the wire."""
        return {
            "address": self.address,
            "port": self.port,
            "user": self.user,
            "hostKey": self.host_key,
            "privateKey": pulumi.Output.secret(self.private_key),
        }


class _Resource(PlainResource):
    package = "machine"


class SshKey(_Resource):
    """An Ed25519 key pair."""

    def __init__(
        self,
        resource_name: str,
        *,
        comment: pulumi.Input[str] = "",
        rotation: pulumi.Input[str] = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {"comment": comment, "rotation": rotation}
        secret = pulumi.ResourceOptions(additional_secret_outputs=["privateKey"])
        super().__init__(resource_name, inputs, ("publicKey", "privateKey"), pulumi.ResourceOptions.merge(secret, opts))

    @property
    def public_key(self) -> pulumi.Output[str]:
        """The public half, as a line of OpenSSH's."""
        found: pulumi.Output[str] = self._output("publicKey")
        return found

    @property
    def private_key(self) -> pulumi.Output[str]:
        """The private half in OpenSSH's format; secret."""
        found: pulumi.Output[str] = self._output("privateKey")
        return found


class Reachable(_Resource):
    """A machine that can be entered and has what Plat needs."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        entrance: Entrance,
        cloud_init: pulumi.Input[bool] = True,
        docker: pulumi.Input[bool] = True,
        timeout_seconds: pulumi.Input[int] = 600,
        triggers: Sequence[pulumi.Input[str]] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            **entrance.properties,
            "cloudInit": cloud_init,
            "docker": docker,
            "timeoutSeconds": timeout_seconds,
            "triggers": list(triggers),
        }
        super().__init__(resource_name, inputs, ("reachable", "host", "dockerVersion", "bootId"), opts)

    @property
    def host(self) -> pulumi.Output[str]:
        """Where its Docker Engine answers, as DOCKER_HOST has it: `ssh://USER@ADDRESS:PORT`."""
        found: pulumi.Output[str] = self._output("host")
        return found

    @property
    def docker_version(self) -> pulumi.Output[str]:
        """The version of its Docker Engine; empty where none was asked for."""
        found: pulumi.Output[str] = self._output("dockerVersion")
        return found

    @property
    def boot_id(self) -> pulumi.Output[str]:
        """Which boot of it was last seen: another one after a reboot."""
        found: pulumi.Output[str] = self._output("bootId")
        return found


class Firewall(_Resource):
    """A machine's own nftables rules."""

    def __init__(  # noqa: PLR0913 - a property each
        self,
        resource_name: str,
        *,
        entrance: Entrance,
        ruleset: pulumi.Input[str],
        confirm_seconds: pulumi.Input[int] = 30,
        triggers: Sequence[pulumi.Input[str]] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            **entrance.properties,
            "ruleset": ruleset,
            "confirmSeconds": confirm_seconds,
            "triggers": list(triggers),
        }
        super().__init__(resource_name, inputs, ("drift", "digest", "file"), opts)

    @property
    def drift(self) -> pulumi.Output[Sequence[str]]:
        """In what the machine's rules are others than declared."""
        found: pulumi.Output[Sequence[str]] = self._output("drift")
        return found
