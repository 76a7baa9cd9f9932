"""Resources beside the sound landscape `market`, as the pack sees them, and what it finds about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Options, Properties, Provider

Found = list[tuple[str, str]]
"""Findings as (rule, field)."""

NONE: Found = []
OWNERSHIP = "datastore-ownership"
DEPLOYABLE = "deployable-ownership"
RIGHT = "right-without-relation"
BREACH = "way-round-the-fence"
UNPROTECTED = "datastore-unprotected"
UNREADABLE = "unreadable-resource"

PROTECTED = Options(protect=True)


@dataclass(frozen=True)
class Market:
    """Makes resources in the servers of the landscape, and judges them."""

    ground: Ground

    def port(self, server: str) -> int:
        return self.ground.plan.server(server).port

    def provider(self, kind: str, **properties: object) -> Provider:
        urn = f"urn:pulumi:market.local::plat::pulumi:providers:{kind}::{kind}"
        return Provider(urn, f"pulumi:providers:{kind}", kind, Properties(properties, "provider"))

    def postgresql(self, server: str) -> Provider:
        return self.provider("postgresql", host="127.0.0.1", port=str(self.port(server)))

    def rabbitmq(self) -> Provider:
        port = self.ground.plan.server("platform--rabbitmq").extra_ports["management"]
        return self.provider("rabbitmq", endpoint=f"http://127.0.0.1:{port}")

    def resource(
        self,
        type_: str,
        properties: dict[str, Any] | None = None,
        provider: Provider | None = None,
        options: Options | None = None,
        name: str = "thing",
    ) -> Observed:
        urn = f"urn:pulumi:market.local::plat::{type_}::{name}"
        return Observed(urn, type_, name, Properties(properties or {}), provider, options or Options())

    def in_postgresql(self, type_: str, server: str = "ordering--postgresql", /, **properties: object) -> Observed:
        protect = Options(protect=bool(properties.pop("protect", False)))
        token = f"postgresql:index/{type_[0].lower()}{type_[1:]}:{type_}"
        return self.resource(token, properties, self.postgresql(server), protect)

    def in_rabbitmq(self, type_: str, /, **properties: object) -> Observed:
        protect = Options(protect=bool(properties.pop("protect", False)))
        token = f"rabbitmq:index/{type_[0].lower()}{type_[1:]}:{type_}"
        return self.resource(token, properties, self.rabbitmq(), protect)

    def local(self, type_: str, options: Options | None = None, /, **properties: object) -> Observed:
        provider = self.provider("platlocal", stack="market.local")
        return self.resource(f"platlocal:index:{type_}", properties, provider, options, str(properties.get("name", "thing")))

    def found(self, *resources: Observed) -> Found:
        """What is wrong with the last of `resources`, the others having come before it."""
        bench = Bench(self.ground)
        findings = [bench.findings(resource) for resource in resources][-1]
        return sorted((finding.rule, finding.field) for finding in findings)

    def messages(self, *resources: Observed) -> str:
        """All that a user reads about `resources`."""
        bench = Bench(self.ground)
        return "\n".join(finding.render() for resource in resources for finding in bench.findings(resource))
