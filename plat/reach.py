"""What a text reaches: reads out of the strings that a workload gets which parts of the landscape they lead to.

What an address means `plat.whereabouts` says; it counts in whatever notation it stands (`host:port`, a variable of its own,
hexadecimal, escaped). A text that computes an address when it runs is beyond this; the servers' own authentication is the
lock behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple
from urllib.parse import unquote

from plat.address import DATA_SCHEMES, Address, addresses, settings
from plat.claims import AccessClaim, BreachClaim, Claim, EgressClaim, GrantClaim, OpaqueClaim, Origin, RouteClaim
from plat.grouping import grouped
from plat.plan.kinds import STORES
from plat.plan.model import Contract, Datastore, External, Namespace, Plan, Server, Workload
from plat.rules import Facts
from plat.whereabouts import whereabouts

_ESCAPED = re.compile(r"\\(?:u00|x)([0-9a-fA-F]{2})")
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")
_PLATS_OWN = re.compile(r"(?:^|[^\w.])\.plat(?:/|$)|/var/lib/plat(?:/|$)|/tmp/plat-")
_PROC = re.compile(r"(?:^|[^\w.])/proc(?:/|$)")

_ADMINISTRATION = "use the variables that Plat hands over; what a server keeps is reached through that server alone"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A workload as the reader of its texts: its name, and the contexts that it carries."""

    name: str
    contexts: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Who touches what it touches: its contexts, or itself where it carries none."""
        return self.contexts or (self.name,)


class _Leads(NamedTuple):
    """All that a text leads to, whoever carries it: by addresses, by names in a namespace, and by words.

    `named` is what settings say of users, databases and schemas, `paths` are the stores that folders are called by, and
    `kept` and `processes` say whether it leads to where Plat keeps data, and to other processes' variables.
    """

    servers: Sequence[Server]
    administered: Sequence[Server]
    workloads: Sequence[Workload]
    astray: Sequence[Namespace]
    addresses: Sequence[Address]
    named: Sequence[tuple[str, str]]
    paths: Sequence[Datastore]
    kept: bool
    processes: bool
    outside: Sequence[External]


class Reach:
    """Reads texts against one plan. `facts` tell which routes are declared."""

    def __init__(self, plan: Plan, facts: Facts) -> None:
        self._plan = plan
        self._facts = facts
        self._where = whereabouts(plan)
        self._stores = grouped(plan.datastores, lambda store: store.server)
        self._roles = grouped(plan.datastores, lambda store: store.role)
        self._databases = grouped(plan.datastores, lambda store: store.database)
        # A host of one word could be any word.
        self._outside = grouped((item for item in plan.externals if "." in item.host), lambda external: external.host)
        self._schemas = grouped((store for store in plan.datastores if store.schema), lambda store: store.schema)
        self._readers = grouped(plan.contracts, lambda contract: contract.role)
        self._served = grouped(plan.surfaces, lambda surface: surface.workload)
        # The same words (`info`, `-m`) stand in the texts of many, and lead nobody anywhere.
        self._read = cache(self._read_out)

    def claims(self, carrier: Carrier, texts: Mapping[str, str], origin: Callable[[str], Origin]) -> Iterator[Claim]:
        """Every claim that `texts` (by the field that each stands in) make for `carrier`; `origin` places a field."""
        for field in sorted(texts):
            found: dict[Claim, None] = {}
            for text, leads in self._read(field.rpartition(".")[2], texts[field]):
                found |= dict.fromkeys(self._of_text(carrier, text, leads, origin(field)))
            yield from found

    def of_plan(self) -> Iterator[Claim]:
        """The claims of every planned workload's own texts: what teams have written into `environment` and `command`."""
        for workload in self._plan.workloads:
            # What Plat derives leads where the plan says, and is most of what there is.
            texts = {f"environment.{name}": workload.environment[name] for name in workload.written}
            texts |= {f"command[{index}]": word for index, word in enumerate(workload.command)}
            carrier = Carrier(workload.name, workload.contexts)
            yield from self.claims(carrier, texts, partial(Origin, workload.name, workload.location))

    def _read_out(self, name: str, text: str) -> Sequence[tuple[str, _Leads]]:
        """What a text, in each of its forms, leads to as the variable `name`; nothing of forms that lead nowhere."""
        found = ((form, self._leads_of(name, form)) for form in _forms(text))
        return [(form, leads) for form, leads in found if any(leads)]

    def _leads_of(self, name: str, text: str) -> _Leads:
        segments = {segment.partition(".")[0] for segment in text.split("/")} if "/" in text else set()
        # Names of hosts count without regard to case and to the dot at their end.
        hosts = dict.fromkeys(match[0] for match in _HOST.finditer(text.lower())) if self._outside else ()
        return _Leads(
            servers=self._where.servers(text),
            administered=self._where.administered(text),
            workloads=self._where.workloads(text),
            astray=self._where.astray(text),
            addresses=[*addresses(text)],
            named=[*settings(name, text)],
            paths=[store for segment in sorted(segments) for store in self._stores.get(segment, ())],
            kept=bool(_PLATS_OWN.search(text)),
            processes=bool(_PROC.search(text)),
            outside=[external for host in hosts for external in self._outside.get(host, ())],
        )

    def _of_text(self, carrier: Carrier, text: str, leads: _Leads, where: Origin) -> Iterator[Claim]:
        for server in leads.servers:
            yield from self._of_server(carrier, server, text, where)
        for server in leads.administered:
            yield from (GrantClaim(name, "configure", server.name, where) for name in carrier.names)
        for workload in leads.workloads:
            yield from self._of_workload(carrier, workload, where)
        yield from self._of_names(carrier, leads, where)
        for address in leads.addresses:
            yield from self._of_address(carrier, address, where)
        for key, value in leads.named:
            yield from self._of_identity(carrier, {key: value}, where)
        yield from self._of_path(carrier, leads, where)
        for external in leads.outside:
            if (carrier.name, external.name) not in self._facts.egress:
                yield EgressClaim(carrier.name, external.name, where)

    def _of_names(self, carrier: Carrier, leads: _Leads, where: Origin) -> Iterator[Claim]:
        """A name in somebody else's namespace leads to something of theirs, whatever will bear it."""
        for namespace in leads.astray:
            if carrier.name != namespace.unit and not set(carrier.contexts) & set(namespace.contexts):
                yield OpaqueClaim(
                    f"`{where.field}` of `{carrier.name}`",
                    f"it leads into the namespace of {namespace.unit} at something that no descriptor declares",
                    "declare the relation in a descriptor, and use the variables that Plat hands over",
                    where,
                )

    def _of_server(self, carrier: Carrier, server: Server, text: str, where: Origin) -> Iterator[Claim]:
        broker = self._plan.broker
        if broker and broker.server == server.name:
            if not any(self._plan.broker_user(context) for context in carrier.contexts):
                yield from (GrantClaim(name, "consume", server.name, where) for name in carrier.names)
            return
        stores = self._stores.get(server.name, ())
        own = (store for context in carrier.contexts for store in self._plan.datastores_of(context))
        if any(store.server == server.name for store in own) or server.name in self._read_by(carrier):
            return  # Whose database in it is meant, an address or a setting says.
        named = [store for store in stores if re.search(rf"(?<!\w){re.escape(store.database)}(?!\w)", text)]
        for store in named or stores:
            yield from _access(carrier, store, where)

    def _of_workload(self, carrier: Carrier, workload: Workload, where: Origin) -> Iterator[Claim]:
        if workload.name == carrier.name or set(workload.contexts) & set(carrier.contexts):
            return
        served = tuple(surface.context for surface in self._served.get(workload.name, ()))
        destinations = served or workload.contexts or (workload.name,)
        sources = {*carrier.contexts, carrier.name}
        if not any((source, name) in self._facts.routes for source in sources for name in destinations):
            yield from (RouteClaim(name, destinations[0], where) for name in carrier.names)

    def _of_address(self, carrier: Carrier, address: Address, where: Origin) -> Iterator[Claim]:
        if address.scheme not in DATA_SCHEMES:
            return
        for host, port in address.hosts:
            server = self._where.server_at(host, port)
            if not server:
                yield OpaqueClaim(
                    f"`{where.field}` of `{carrier.name}`",
                    f"it leads to a {DATA_SCHEMES[address.scheme]} that is no server of this landscape",
                    "declare the datastore in a descriptor, and use the variables that Plat hands over",
                    where,
                )
                continue
            named = {"user": address.user, "database": address.path}
            agreed = self._agreed(carrier, named, server)
            if agreed:
                yield AccessClaim(agreed.consumer, agreed.datastore, "read", where, agreed.name)
            else:
                yield from self._of_identity(carrier, named, where, server)
            yield from self._of_broker_user(carrier, server, address.user, where)

    def _read_by(self, carrier: Carrier) -> set[str]:
        """The servers in which contexts of `carrier` read by a contract."""
        return {contract.server for context in carrier.contexts for contract in self._plan.contracts_of(context)}

    def _agreed(self, carrier: Carrier, named: Mapping[str, str], server: Server) -> Contract | None:
        """The contract of a context of `carrier` by which an address leads to the provider's database."""
        for contract in self._readers.get(named["user"], ()):
            is_its = contract.consumer in carrier.contexts and contract.server == server.name
            if is_its and contract.database == named["database"]:
                return contract
        return None

    def _of_identity(
        self, carrier: Carrier, named: Mapping[str, str], where: Origin, server: Server | None = None
    ) -> Iterator[Claim]:
        """The stores that are named by their role or (where that says whose it is) their database, on `server` or any."""
        databases = self._databases.get(named.get("database", ""), ())
        yield from self._of_reader(carrier, named.get("user", ""), where, server)
        yield from self._of_schema(carrier, named.get("schema", ""), where)
        meant = {*self._roles.get(named.get("user", ""), ()), *(store for store in databases if STORES[store.type].databases)}
        for store in sorted(meant, key=lambda store: store.name):
            if store.context not in carrier.contexts and (server is None or store.server == server.name):
                yield from _access(carrier, store, where)

    def _of_reader(self, carrier: Carrier, user: str, where: Origin, server: Server | None) -> Iterator[Claim]:
        """Who names another one's reader reads by a contract that is not its own."""
        for contract in self._readers.get(user, ()):
            if contract.consumer not in carrier.contexts and (server is None or server.name == contract.server):
                yield from (AccessClaim(name, contract.datastore, "read", where) for name in carrier.names)

    def _of_schema(self, carrier: Carrier, schema: str, where: Origin) -> Iterator[Claim]:
        """Who reads by a contract in a server finds the schemas of its contexts there, and none of them is its own."""
        servers = self._read_by(carrier)
        for store in self._schemas.get(schema, ()):
            if store.server in servers and store.context not in carrier.contexts:
                yield from _access(carrier, store, where)

    def _of_broker_user(self, carrier: Carrier, server: Server, name: str, where: Origin) -> Iterator[Claim]:
        broker = self._plan.broker
        user = self._plan.broker_user(name)
        if not broker or broker.server != server.name or not user or user.context in carrier.contexts:
            return
        for who in carrier.names:
            yield from (GrantClaim(who, "publish", exchange, where, user.routing_keys) for exchange in user.publishes_to)
            yield from (GrantClaim(who, "consume", queue, where) for queue in user.consumes_from)

    def _of_path(self, carrier: Carrier, leads: _Leads, where: Origin) -> Iterator[Claim]:
        for store in leads.paths:
            if store.context not in carrier.contexts:
                yield from _access(carrier, store, where)
        what = f"`{where.field}` of `{carrier.name}`"
        if leads.kept:
            yield BreachClaim(what, "it leads into the folders where Plat keeps every server's data", _ADMINISTRATION, where)
        if leads.processes:
            yield BreachClaim(what, "it leads into `/proc`, where other processes' variables stand", _ADMINISTRATION, where)


def _access(carrier: Carrier, store: Datastore, where: Origin) -> Iterator[Claim]:
    yield from (AccessClaim(name, store.name, "write", where) for name in carrier.names)


def _forms(text: str) -> Iterator[str]:
    """`text` as it stands, and as it reads once escapes of URLs and of JSON are undone."""
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), unquote(text))
    yield from dict.fromkeys((text, plain))
