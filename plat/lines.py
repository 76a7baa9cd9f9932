"""Where something stands in a YAML file, for messages."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def line_of(text: str, keys: Sequence[str | int]) -> int | None:
    """The line of what `keys` lead to, as far as they lead anywhere; None where they do not, or `text` is no YAML."""
    try:
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    line = None
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == key), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            found = (node.value[key], node.value[key])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
