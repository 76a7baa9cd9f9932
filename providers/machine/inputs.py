"""What each resource takes, property by property. Names on the wire are in camel case.

The descriptions are the reference: meaning, default, limits and what a property excludes.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from plat.machines.ssh import ADDRESS, PUBLIC_KEY, USER
from providers.common.inputs import Inputs, Port
from providers.machine.ruleset import own_table_alone

NAME = r"^[a-z0-9][a-zA-Z0-9_.-]{0,127}$"
FileName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$")]
PrivateKey = Annotated[str, Field(pattern=r"^-----BEGIN OPENSSH PRIVATE KEY-----\n")]


class ProviderInputs(Inputs):
    """The provider's own configuration."""

    lent_keys: list[PrivateKey] = Field(
        default_factory=list,
        description="Private keys that other plugins may use while this one runs, each by an agent at the place that "
        "`plat.machines.ssh.lent_at` says. Default: none. Secret.",
    )


class SshKeyInputs(Inputs):
    """`machine:index:SshKey`: an Ed25519 key pair that is made once and kept in the state."""

    comment: str = Field(
        default="",
        pattern=r"^[ -~]{0,200}$",
        description="What the public key's line ends with. A change makes no new key. Default: nothing.",
    )
    rotation: str = Field(
        default="", description="Any text. A change of it, and nothing else, makes a new key pair. Default: nothing."
    )


class Entered(Inputs):
    """How a machine is entered."""

    address: str = Field(pattern=ADDRESS, description="Its name or address, IPv4 or IPv6.")
    port: Port = Field(default=22, description="Where its SSH server listens.")
    user: str = Field(pattern=USER, description="Who enters: root, or who becomes root by `sudo` without a password.")
    host_key: str = Field(
        pattern=PUBLIC_KEY, description="Its public host key, of Ed25519, as OpenSSH writes it. No other machine is talked to."
    )
    private_key: PrivateKey = Field(description="The key of who enters, in OpenSSH's format, not encrypted. Secret.")
    triggers: list[str] = Field(
        default_factory=list,
        description="Any texts, such as the machine's id. A change of them has the work done again. Default: none.",
    )


class ReachableInputs(Entered):
    """`machine:index:Reachable`: a machine that can be entered and has what Plat needs. Installs nothing."""

    cloud_init: bool = Field(
        default=True,
        description="Whether cloud-init sets it up, which is then awaited. False for a machine of an inventory: there, a key "
        "that is not let in is no matter of time.",
    )
    docker: bool = Field(default=True, description="Whether a Docker Engine, 20.10 or newer, has to answer to the user.")
    timeout_seconds: int = Field(default=600, ge=1, le=7200, description="For how long, in seconds, it is waited for.")


class FirewallInputs(Entered):
    """`machine:index:Firewall`: the table `inet plat` of a machine's nftables, and nothing else of them."""

    ruleset: Annotated[str, AfterValidator(own_table_alone)] = Field(
        max_length=1_000_000,
        description="The whole table, as `nft --file` reads it: `table inet plat { ... }` and nothing else.",
    )
    confirm_seconds: int = Field(
        default=30,
        ge=5,
        le=600,
        description="After how many seconds without a new connection the machine goes back to the rules that it had.",
    )


class VolumeFilesInputs(Entered):
    """`machine:index:VolumeFiles`: whose a volume of Docker's is, and the files in it, where it has some of ours."""

    volume: str = Field(pattern=NAME, description="The volume, of the driver `local`. It is there already.")
    owner: int = Field(ge=1, le=2**31 - 1, description="The number of the user, and of the group, that alone may use it.")
    files: dict[FileName, str] = Field(
        default_factory=dict,
        description="Texts by the name of their file: then nothing else is in it. Default: none, and what is in it stays. "
        "Secret.",
    )


class InsideInputs(Entered):
    """`machine:index:Inside`: what is inside of a server that runs in a container."""

    container: str = Field(pattern=NAME, description="The container, in whose network the work is done.")
    image: str = Field(min_length=1, description="The image that `python3 -m providers.cluster` is in, by name or id.")
    run_as: str = Field(pattern=r"^[0-9]+:[0-9]+$", description="The user and the group that it runs as, by numbers.")
    document: str = Field(min_length=2, description="All that is to be inside, as JSON. Secret.")
