"""The rules about what contexts share on purpose: servers in which they have schemas, and data by a contract."""

from __future__ import annotations

from typing import Final

from plat.explanation import Group
from plat.manual.chapter import Chapter

_SCHEMAS: Final = "Sam Newman, Monolith to Microservices (2019), ch. 4 'Decomposing the Database'; docs/adr/0011"

_CHAPTER: Final = Chapter(Group.LINKS, _SCHEMAS)

AGREEMENTS: Final = (
    _CHAPTER.rule(
        "schema-of-several-hosts",
        "A context with a schema is hosted by one deployable",
        "The schema lies in that deployable's server; with two deployables it would be one's to change, and both would write.",
        "write `isolation: database` or `instance`, or leave the context to one of the deployables",
        example="datastore: {type: postgresql, isolation: database}\n",
    ),
    _CHAPTER.rule(
        "shared-server-differs",
        "Contexts with schemas in one server want one kind of server",
        "They share one process and one disk: it cannot lose its data for one of them and keep it for another.",
        "agree on `durability` and `version`, or give the context `isolation: instance`",
        example="datastore: {type: postgresql, isolation: instance, durability: ephemeral}\n",
    ),
    _CHAPTER.rule(
        "second-store-in-server",
        "A context has at most one store in a server that it shares",
        "It has one role there, with one password: a second store would open with the first one's, and is no second fence.",
        "give one of the stores `isolation: instance`",
        example="datastore:\n  - {type: postgresql, isolation: schema}\n  - {type: postgresql, name: archive}\n",
    ),
    _CHAPTER.rule(
        "store-named-like-host",
        "No store is called like a deployable whose contexts have schemas",
        "Servers are called after what they hold: both would be one server.",
        "give the store another `name`",
    ),
    _CHAPTER.rule(
        "contract-store",
        "A DataContract is about a postgresql",
        "It shows named views to one reader alone. No other store has views with rights and columns of their own, and a "
        "reader of tables would depend on whatever its owner does with them.",
        "publish what the consumer needs as events or as an operation",
        source="docs/adr/0011; Pramod Sadalage and Martin Fowler, NoSQL Distilled (2012), ch. 1 (integration databases)",
    ),
    _CHAPTER.rule(
        "contract-schema-taken",
        "No DataContract is called like a datastore",
        "Its views stand in a schema of its own, named by it: in one that is a context's own they would open that.",
        "rename the contract",
        source="docs/adr/0011",
    ),
    _CHAPTER.rule(
        "contract-standard",
        "A contract's file after the Open Data Contract Standard says which views there are, with their columns",
        "Each object of its `schema` becomes a view and each property a column of a PostgreSQL type: `physicalType` where it "
        "is said, else by `logicalType`. What is left open could not be promised.",
        "correct the file: it is read as strictly as a descriptor",
        source="Open Data Contract Standard v3, 'Schema' (Bitol, The Linux Foundation)",
    ),
)
