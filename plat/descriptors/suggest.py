"""The nearest right thing: what somebody who wrote this probably meant."""

import difflib
from collections.abc import Iterable, Sequence
from itertools import islice

COMPARED_LIMIT = 60  # characters of a word
CANDIDATE_LIMIT = 200

# What other tools call it, or what comes first to mind.
SYNONYMS = {
    "args": "command",
    "cmd": "command",
    "database": "datastore",
    "databases": "datastore",
    "datastores": "datastore",
    "db": "datastore",
    "depends-on": "upstreams",
    "description": "purpose",
    "emits": "publishes",
    "endpoints": "exposes",
    "entrypoint": "command",
    "env": "environment",
    "maxReplicas": "max",
    "minReplicas": "min",
    "owner": "team",
    "persistence": "durability",
    "ports": "port",
    "postgres": "postgresql",
    "produces": "publishes",
    "replicas": "scaling",
    "services": "deployables",
    "size": "storage",
    "subscribes": "consumes",
    "variables": "environment",
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the one of `known` that `word` was probably meant to be, or None where nothing is near."""
    known = list(known)
    synonym = SYNONYMS.get(word)
    if synonym in known:
        return synonym
    if len(word) > COMPARED_LIMIT:
        return None
    written = word.lower().replace("_", "-")
    folded = {name.lower(): name for name in _candidates(written, known)}
    close = difflib.get_close_matches(written, folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _candidates(word: str, known: Sequence[str]) -> Iterable[str]:
    """Leave out what is unlikely where there is much to compare: comparing costs far more than this."""
    if len(known) <= CANDIDATE_LIMIT:
        return known
    alike = (name for name in known if name[:1].lower() == word[:1] and abs(len(name) - len(word)) <= 2)  # noqa: PLR2004
    return islice(alike, CANDIDATE_LIMIT)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give the question to ask, or an empty text where nothing is near."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else ""
