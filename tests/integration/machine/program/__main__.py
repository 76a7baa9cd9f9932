"""A Pulumi program with two keys and, once `machine.json` in the project's folder says where it is, a machine that has them.

Something of another plugin enters the machine too, as Docker's would.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

import pulumi

from plat.machines.ssh import lent_at, options
from providers.machine import sdk

given = json.loads(Path(os.environ["MACHINE"]).read_text(encoding="utf-8"))
own = sdk.SshKey("access", comment=given.get("comment", "plat"), rotation=given.get("rotation", ""))
host = sdk.SshKey("host")
pulumi.export("access", own.public_key)
pulumi.export("host", host.private_key)

if "address" in given:
    entrance = sdk.Entrance(
        address=given["address"], user="root", host_key=host.public_key, private_key=own.private_key, port=given["port"]
    )
    lending = sdk.Provider("way", lent_keys=[entrance.private_key], opts=pulumi.ResourceOptions())
    ssh_opts = pulumi.Output.all(host.public_key, own.public_key).apply(lambda keys: options(keys[0], lent_at(keys[1])))
    mine = pulumi.ResourceOptions(provider=lending)
    machine = sdk.Reachable("machine", entrance=entrance, timeout_seconds=given.get("timeout", 60), opts=mine)
    if "ruleset" in given:
        after = pulumi.ResourceOptions(provider=lending, depends_on=[machine])
        firewall = sdk.Firewall("firewall", entrance=entrance, ruleset=given["ruleset"], confirm_seconds=10, opts=after)
    if given.get("borrower"):
        borrowing = {"host": machine.host, "options": ssh_opts, "ran": None}
        pulumi.CustomResource("borrower:index:Visit", "visit", borrowing, pulumi.ResourceOptions(depends_on=[lending]))
    pulumi.export("docker-host", machine.host)
    pulumi.export("boot", machine.boot_id)
    pulumi.export("docker", machine.docker_version)
