"""The rules about what descriptors say of each other: every reference leads somewhere, every name means one thing."""

from __future__ import annotations

from typing import Final

from plat.explanation import Group
from plat.findings import Severity
from plat.manual.chapter import DECISION, Chapter

_MAP: Final = "Eric Evans, Domain-Driven Design (2003), ch. 14 'Context Map'"
_CONTEXT: Final = "Eric Evans, Domain-Driven Design (2003), ch. 14 'Bounded Context'"
_SERVICES: Final = "Sam Newman, Building Microservices (2nd ed., 2021), ch. 5 'Implementing Microservice Communication'"
_MESSAGING: Final = "Gregor Hohpe and Bobby Woolf, Enterprise Integration Patterns (2003)"
_TEAMS: Final = "Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 6 'Choose Team-First Boundaries'"

_CHAPTER: Final = Chapter(Group.LINKS, _MAP)

LINKS: Final = (
    _CHAPTER.rule(
        "no-landscape-file",
        "A landscape's folder holds landscape.yaml",
        "It names the teams and what belongs to nobody alone; without it no owner can be told.",
        "`plat new landscape NAME` writes one",
        source=DECISION,
        example="apiVersion: plat/v1\nkind: Landscape\nname: my-shop\nteams: [{name: shop-team}]\n",
    ),
    _CHAPTER.rule(
        "misplaced-landscape",
        "The Landscape stands in landscape.yaml, everything else in files of its own",
        "Everybody knows where to look for what is common, and code owners can guard it by its path.",
        "move it as the hint says",
        source=DECISION,
    ),
    _CHAPTER.rule(
        "landscape-name",
        "A landscape is called as its folder",
        "Stacks, virtual hosts and state are named after it: two names for one system end in two systems.",
        "give both one name",
        source=DECISION,
    ),
    _CHAPTER.rule(
        "no-contexts",
        "A landscape has a context",
        "Infrastructure follows from contexts: without one there is nothing to provision.",
        "`plat new context NAME` writes the first descriptor",
        source=_CONTEXT,
    ),
    _CHAPTER.rule(
        "duplicate-name",
        "A name means one thing",
        "Contexts and deployables share their names with servers, roles and queues: two of one name would share those too.",
        "rename one of them",
        source="Eric Evans, Domain-Driven Design (2003), ch. 2 'Ubiquitous Language'",
    ),
    _CHAPTER.rule(
        "lookalike-name",
        "No two names look alike",
        "Whoever reviews a change reads `biling` as `billing`; whoever wrote it may have meant that.",
        "choose a name that nobody can mistake for the other",
        source="Unicode Technical Standard 39, 4 'Confusable Detection'",
    ),
    _CHAPTER.rule(
        "unknown-team",
        "A team is one of the landscape's",
        "What belongs to a team that nobody knows has no owner: nobody answers for it, and nobody may change it.",
        "write one of the teams in landscape.yaml, or add the team there",
        source=_TEAMS,
        example="teams: [{name: shipping-team, contact: shipping@example.org}]\n",
    ),
    _CHAPTER.rule(
        "unknown-external",
        "An external system is one of the landscape's",
        "What may be reached outside is listed in one place, so that everybody sees on whom the system depends.",
        "write one of the externals in landscape.yaml, or add it there",
        source=_MAP,
        example="externals: [{name: carrier, host: api.carrier.example}]\n",
    ),
    _CHAPTER.rule(
        "unknown-context",
        "A relation leads to a context that there is",
        "A relation to nobody gives a right to nobody: the descriptor promises what cannot be provisioned.",
        "write the name as its own descriptor does",
    ),
    _CHAPTER.rule(
        "unknown-event",
        "An event that is consumed is published",
        "A consumer of what nobody publishes waits for ever, and nobody notices.",
        "write an event of the publisher's, or ask its team to publish this one",
        source=_MESSAGING,
        example="consumes: [{event: order-processing.OrderPlaced}]\n",
    ),
    _CHAPTER.rule(
        "retired-event",
        "No retired event is consumed",
        "Retired means that nobody publishes it any more: whoever still waits for it has stopped working without an error.",
        "take the entry out, or move to the event's successor",
        source=_SERVICES,
    ),
    _CHAPTER.rule(
        "deprecated-event",
        "Consumers leave a deprecated event",
        "Its publisher has said that it will go; who moves in time decides when.",
        "move to its successor; its context knows which",
        source=_SERVICES,
        severity=Severity.WARNING,
    ),
    _CHAPTER.rule(
        "event-version",
        "An event is consumed in the version that is published",
        "Another version is another form: the consumer would read what is not there.",
        "write the published version once the consumer understands it, or ask the publisher for both in turn",
        source=_SERVICES,
        example="consumes: [{event: order-processing.OrderPlaced, version: 2}]\n",
    ),
    _CHAPTER.rule(
        "unknown-operation",
        "An operation that is called is exposed",
        "What is called and not exposed is an inside that somebody got hold of: it changes without notice.",
        "write an operation that the other side exposes, or ask its team to expose this one",
        source="Eric Evans, Domain-Driven Design (2003), ch. 14 'Open Host Service'",
        example="upstreams: [{context: pricing, uses: [GetRateSnapshot]}]\n",
    ),
    _CHAPTER.rule(
        "unknown-datastore",
        "A datastore that is accessed is one of its context's",
        "An access to what is not there cannot be granted.",
        "name a context that has a datastore, and its type where it has several",
        source=_CONTEXT,
    ),
    _CHAPTER.rule(
        "ambiguous-datastore",
        "An access says which datastore it means",
        "Where a context has several, a guess could open the wrong one.",
        "write `<context>/<type>`, or `datastore: <type>` in a DataContract",
        source=_CONTEXT,
        example="accesses: [{datastore: pricing/postgresql, contract: pricing-rates}]\n",
    ),
    _CHAPTER.rule(
        "unknown-contract",
        "A data contract is one of the landscape's",
        "A contract that is not written down has no views, no owners and no end.",
        "write the name as its descriptor does, or describe it in a file of `kind: DataContract`",
        source="Bitol, Open Data Contract Standard 3; Andrew Jones, Driving Data Quality with Data Contracts (2023)",
    ),
    _CHAPTER.rule(
        "self-relation",
        "No relation leads to its own beginning",
        "What is one's own needs no declaration, and a queue from oneself to oneself is a second way to the same code.",
        "take the entry out",
    ),
    _CHAPTER.rule(
        "no-broker",
        "Where events are exchanged there is a broker",
        "Events need something to carry them, and somebody who runs it.",
        "write a broker into landscape.yaml",
        source=f"{_MESSAGING}, ch. 3 'Messaging Systems'",
        example="broker: {type: rabbitmq}\n",
    ),
    _CHAPTER.rule(
        "queue-taken",
        "A queue has one consumer",
        "Two consumers of one queue each get a part of the events, and neither notices what it misses.",
        "give one of them another name, or leave `queue` out to get the derived one",
        source=f"{_MESSAGING}, ch. 4 'Publish-Subscribe Channel' and ch. 10 'Competing Consumers'",
    ),
    _CHAPTER.rule(
        "hosted-context",
        "A context runs in deployables of its own or in one that hosts it",
        "Both at once would run its code twice, against the same data, in two releases.",
        "take its `deployables` out, or take it out of `hosts`",
        source="Sam Newman, Monolith to Microservices (2019), ch. 1 (the modular monolith)",
    ),
    _CHAPTER.rule(
        "context-without-deployable",
        "Something runs for every context",
        "A context that runs nowhere gets a datastore and queues that fill up.",
        "add a deployable, or name the context in the `hosts` of a descriptor of kind Deployable",
        source=_CONTEXT,
        example="deployables:\n  - {name: shipping, image: registry.example/shipping:1.0.0, command: [run]}\n",
        severity=Severity.WARNING,
    ),
    _CHAPTER.rule(
        "schema-without-host",
        "Only contexts that share a deployable share a database, a schema each",
        "A schema is the weakest of the fences: it holds among modules of one release, not among services of several.",
        "write `isolation: database` or `instance`, or let one Deployable host the contexts",
        source="Sam Newman, Monolith to Microservices (2019), ch. 4 'Decomposing the Database'",
        example="datastore: {type: postgresql, isolation: instance}\n",
    ),
    _CHAPTER.rule(
        "no-port",
        "Who exposes operations can answer",
        "An operation without a port behind it is a promise that nobody keeps.",
        "give the deployable that answers a `port`",
        source=_SERVICES,
    ),
    _CHAPTER.rule(
        "missing-file",
        "A file that a descriptor names is there",
        "A specification that is not there helps nobody; a path out of the folder shows what is not the landscape's.",
        "write the path relative to the landscape's folder",
        source=f"CWE-22 (path traversal); {DECISION}",
        example="publishes:\n  ParcelBooked: {schema: events/parcel-booked.json}\n",
    ),
    _CHAPTER.rule(
        "contract-suffix",
        "A specification's file does not end in .yaml alone",
        "By its ending everybody can tell it from a descriptor, whoever refers to it.",
        "rename it: `.openapi.yaml`, `.asyncapi.yaml`, `.schema.yaml` or `.odcs.yaml`",
        source=DECISION,
    ),
)
