"""The rules about what one descriptor says, looked at by itself."""

from __future__ import annotations

from typing import Final

from plat.explanation import Group
from plat.manual.chapter import DECISION, Chapter

_SCHEMA: Final = f"the JSON Schema in schemas/, as `plat schema` prints it; {DECISION}"
_LABELS: Final = "RFC 1035, 2.3.1, and RFC 1123, 2.1 (host names); Kubernetes, 'Object Names and IDs'"

_CHAPTER: Final = Chapter(Group.VALUES, _SCHEMA)

VALUES: Final = (
    _CHAPTER.rule(
        "no-descriptor",
        "A .yaml file of a landscape is a descriptor",
        "A file that is no descriptor would be taken for one, or left out although somebody meant it.",
        "begin it with `apiVersion` and `kind`, or give it the ending of what it describes: `.openapi.yaml`, "
        "`.asyncapi.yaml`, `.schema.yaml`, `.odcs.yaml` or `.json`",
        example="apiVersion: plat/v1\nkind: Context\nname: shipping\n",
    ),
    _CHAPTER.rule(
        "missing-field",
        "Every field without a default is there",
        "What has no default is a decision that only its team can take: whose it is, what it is for.",
        "write the field; the hint says what it means",
    ),
    _CHAPTER.rule(
        "context-without-owner",
        "A context has an owner",
        "What nobody owns, nobody mends: there is no one to ask before it changes, to call when it fails, or to agree with "
        "about an event. Its database, its rights and its alerts need a name that answers.",
        "write `team:` with one of the teams in landscape.yaml",
        source="Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 3 'Team-First Thinking': every part of a system "
        "is owned by exactly one team",
        example="kind: Context\nname: booking\nteam: booking-team\n",
    ),
    _CHAPTER.rule(
        "unknown-field",
        "Every field is one that there is",
        "A misspelt field is a wish that nobody hears: `replicsa: 3` would run one replica and say nothing.",
        "write it as the hint shows it, or take it out",
    ),
    _CHAPTER.rule(
        "wrong-type",
        "A value has its field's type",
        'A reader that converts turns "3", true and 3.0 into numbers of its own choosing.',
        "write it in the form that the message names",
    ),
    _CHAPTER.rule(
        "not-allowed",
        "A value is among those that its field knows",
        "A word that means nothing to Plat would be provisioned as something else.",
        "choose one of the values in the message",
    ),
    _CHAPTER.rule(
        "out-of-range",
        "A number is within its field's limits",
        "Limits catch a slip of the finger before it costs a thousand replicas.",
        "choose a number within the limits in the hint",
    ),
    _CHAPTER.rule(
        "too-few",
        "A list has the entries that its field needs",
        "Without them the field says nothing.",
        "add an entry, or leave the field out where it has a default",
    ),
    _CHAPTER.rule(
        "too-many",
        "A list or mapping has no more entries than its field takes",
        "A bound keeps judging quick; whatever needs more is rarely one context.",
        "split what the descriptor describes",
        source=f"CWE-400 (uncontrolled resource consumption); {DECISION}",
    ),
    _CHAPTER.rule(
        "too-long",
        "A text is no longer than its field takes",
        "Names become host names, roles and queues, which have limits of their own; texts are read in tables.",
        "shorten it",
    ),
    _CHAPTER.rule(
        "blank",
        "A text says something",
        "A purpose of blanks passes a check for its presence and tells a reader nothing.",
        "say it in a sentence",
    ),
    _CHAPTER.rule(
        "malformed",
        "A value has its field's form",
        "Durations, sizes, versions, images and references are read by servers: what is nearly right fails later, or means "
        "something else.",
        "write it as the hint shows",
    ),
    _CHAPTER.rule(
        "malformed-name",
        "A name is a DNS label",
        "Names become host names, database roles, queues and Kubernetes objects. One form that all of them take keeps a "
        "context's name the same everywhere.",
        "use lower-case letters a-z, digits and single hyphens, a letter first, at most 40 characters",
        source=_LABELS,
        example="name: order-processing\n",
    ),
    _CHAPTER.rule(
        "reserved-name",
        "A name is not one that a server, a cluster or Plat has taken",
        "A context called `postgres`, `default` or `platform` would meet what is already called so, with its rights.",
        "choose a name that says what the context is in this business",
        source="PostgreSQL, 'Predefined Roles'; RabbitMQ, 'Queues' (names that begin with `amq.`); Kubernetes, 'Namespaces'",
    ),
    _CHAPTER.rule(
        "reserved-variable",
        "No descriptor sets a variable that Plat derives",
        "A variable such as DATABASE_URL follows from the map. Written by hand it could lead to another context's server.",
        "leave it out, or choose another name for a value of your own",
        source="samples/README.md (the variables that a service finds); The Twelve-Factor App, III 'Config'",
    ),
    _CHAPTER.rule(
        "not-literal",
        "A value is literal text",
        "`${...}`, `$(...)` and `{{...}}` are filled in by shells, clusters and templates, each by its own rules and with "
        "what it can reach.",
        "write the value itself; what Plat derives comes to the process as variables anyway",
        source=f"CWE-94 (code injection); {DECISION}",
    ),
    _CHAPTER.rule(
        "contradiction",
        "No field rules out what another one says",
        "Two fields that cannot both hold leave it to a program to choose which one its team meant.",
        "take one of them out, as the hint says",
    ),
    _CHAPTER.rule(
        "min-above-max",
        "The lower end of a range is not above its upper end",
        "There is no number between them.",
        "exchange them, or leave one of them out",
        example="scaling: {profile: bursty, min: 2, max: 20}\n",
    ),
    _CHAPTER.rule(
        "duplicate-item",
        "An entry stands once in its list",
        "Of two entries about one thing the second either says the same or contradicts the first.",
        "keep one of them",
    ),
)
