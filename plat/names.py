"""Names: the one place that makes the name of anything derived from a descriptor.

Every function is injective over legal input: two different things never get one name. Labels hold no `--`, no dot and
no underscore (see `is_label`), which is what makes the separators below unambiguous.
"""

import hashlib
import json
import re
from functools import cache

LABEL_PATTERN = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
LABEL_LIMIT = 40
DNS_LIMIT = 63
HASH_LENGTH = 12

_LABEL = re.compile(LABEL_PATTERN, re.ASCII)
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)
_NOT_DNS = re.compile(r"[^a-z0-9]+", re.ASCII)
SHORTENED = "---"  # no join of labels holds it, so a shortened name never equals a whole one
_LOOKALIKES = (("rn", "m"), ("0", "o"), ("1", "l"), ("i", "l"), ("-", ""))


@cache
def is_label(text: str) -> bool:
    """Tell whether `text` is a DNS label as descriptors use it: lower case, begins with a letter, single hyphens."""
    return len(text) <= DNS_LIMIT and _LABEL.fullmatch(text) is not None


def resource_name(*parts: str, limit: int = DNS_LIMIT) -> str:
    """Join `parts` into one DNS label of at most `limit` characters.

    Labels are joined by `--` and kept readable; what is too long or no label is shortened and ends in a hash of all.
    Raises ValueError without parts or with a `limit` below 20, which leaves no room for a readable beginning.
    """
    if not parts:
        message = "a name needs at least one part"
        raise ValueError(message)
    if limit < len(SHORTENED) + HASH_LENGTH + 5:
        message = f"a limit of {limit} leaves no room for a name"
        raise ValueError(message)
    whole = "--".join(parts)
    if len(whole) <= limit and all(map(is_label, parts)):
        return whole
    return _shortened(parts, limit)


def _shortened(parts: tuple[str, ...], limit: int) -> str:
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:HASH_LENGTH]
    readable = "-".join(_NOT_DNS.sub("-", part.lower()).strip("-") for part in parts)
    if not readable[:1].isalpha():
        readable = f"x{readable}"
    return readable[: limit - len(SHORTENED) - HASH_LENGTH].rstrip("-") + SHORTENED + digest


def sql_identifier(context: str) -> str:
    """Give the name of a context's role, database or schema: `order-processing` -> `order_processing`."""
    return _label(context).replace("-", "_")


def reader_role(consumer: str, contract: str) -> str:
    """Give the role by which a consumer reads by a contract: `billing__pricing_rates`, shortened where it is too long."""
    return resource_name(_label(consumer), _label(contract)).replace("-", "_")


def env_prefix(context: str) -> str:
    """Give the beginning of environment variables that speak of a context: `order-processing` -> `ORDER_PROCESSING`."""
    return sql_identifier(context).upper()


def exchange_name(context: str) -> str:
    """Give the exchange (or topic prefix) that a context owns: `shipping.events`."""
    return f"{_label(context)}.events"


def routing_key(event: str, version: int) -> str:
    """Give the key by which an event of a version is routed: `ParcelBooked.v1`."""
    return f"{_event(event)}.v{_version(version)}"


def queue_name(consumer: str, producer: str, event: str, version: int) -> str:
    """Give the consumer's own queue for one event of one producer: `billing.shipping.ParcelBooked.v1`."""
    return f"{_label(consumer)}.{_label(producer)}.{routing_key(event, version)}"


def dead_letter_queue(queue: str) -> str:
    """Give the queue that takes what could not be handled from `queue`."""
    return f"{queue}.dead"


def topic_name(landscape: str, context: str, event: str, version: int) -> str:
    """Give the topic of one version of an event in Kafka: `parcel-shipping.shipping.ParcelBooked.v1`."""
    return f"{_label(landscape)}.{_label(context)}.{routing_key(event, version)}"


def group_right(group: str) -> str:
    """Give what the right to read as a consumer group is called among rights on topics: no topic holds a space."""
    return f"group {group}"


def skeleton(name: str) -> str:
    """Give what a hurried reader sees: equal for names that differ only by look-alike letters or hyphens."""
    seen = name.lower()
    for written, read_as in _LOOKALIKES:
        seen = seen.replace(written, read_as)
    return seen


def _label(text: str) -> str:
    if not is_label(text):
        message = f"{text[:80]!r} is not a DNS label"
        raise ValueError(message)
    return text


def _event(text: str) -> str:
    if not _PASCAL.fullmatch(text):
        message = f"{text[:80]!r} is not a name in PascalCase"
        raise ValueError(message)
    return text


def _version(number: int) -> int:
    if number < 1:
        message = f"a version counts from 1, not {number}"
        raise ValueError(message)
    return number
