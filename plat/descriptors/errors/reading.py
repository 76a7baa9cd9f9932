"""Errors about files and their YAML, found before anything in them is understood."""

import unicodedata

from plat.descriptors.problems import Problem, shown

# What the parser calls a mistake, and what people did who made it.
_SYNTAX_HINTS = {
    "mapping values are not allowed in this context": "a text that holds `: ` needs quotes, or a line is indented too far",
    "found character that cannot start any token": "indent with spaces, not tabs; a text that begins with `@`, `%` or a "
    "backtick needs quotes",
    "did not find expected key": "the indentation does not match the lines above it, or a quote is left open or closed early",
    "could not find expected ':'": "a line of a mapping is `key: value`, with a space after the colon",
    "did not find expected ',' or ']'": "a list in brackets is left open: close it with `]`",
    "did not find expected ',' or '}'": "a mapping in braces is left open: close it with `}`",
    "found unexpected end of stream": "a quote is opened and never closed",
    "did not find expected '-' indicator": "entries of one list begin in the same column",
}
_YAML_TAG = "tag:yaml.org,2002:"
LEFT_OPEN = frozenset(
    (
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
        "found unexpected end of stream",
    )
)


UNREADABLE_RULES = frozenset(
    {"file-too-large", "missing-landscape", "not-a-regular-file", "not-utf8", "not-yaml", "unreadable"}
)
"""The rules by which a file could not be read at all, apart from those by which what was read is wrong."""


def syntax(problem: str) -> Problem:
    """Refuse what is no YAML; `problem` is the parser's own constant text."""
    return Problem(rule="not-yaml", message=f"this is not YAML: {problem}", hint=_SYNTAX_HINTS.get(problem, ""))


def not_utf8(encoding: str) -> Problem:
    """Refuse bytes that are no UTF-8."""
    return Problem(rule="not-utf8", message=f"the file is not plain UTF-8 ({encoding})", hint="save it as UTF-8")


def forbidden_character(char: str) -> Problem:
    """Refuse a character that cannot be seen or that changes how others are shown."""
    name = unicodedata.name(char, "a control character")
    hint = "write an ordinary space" if char == "\u00a0" else "take it out; it may have come with a copied text"
    return Problem(rule="forbidden-character", message=f"U+{ord(char):04X} ({name}) is not allowed", hint=hint)


def too_large(limit: int) -> Problem:
    """Refuse a file above the size cap."""
    return Problem(
        rule="file-too-large",
        message=f"the file is larger than {limit} bytes",
        hint="a descriptor holds one context; move what it describes in detail to a file of its own (`spec`, `schema`)",
    )


def empty_file() -> Problem:
    """Refuse a file without content."""
    return Problem(rule="empty-file", message="the file is empty", hint="begin it with `apiVersion: plat/v1`, or remove it")


def second_document() -> Problem:
    """Refuse a second document in one file."""
    return Problem(
        rule="second-document",
        message="a second document begins here",
        hint="write one descriptor per file, one `---` at most",
    )


def directive() -> Problem:
    """Refuse YAML directives."""
    return Problem(rule="directive", message="a line with `%` changes how YAML is read", hint="take it out")


def not_a_mapping() -> Problem:
    """Refuse anything but a mapping at the top."""
    return Problem(
        rule="not-a-mapping",
        message="the file does not hold a mapping",
        hint="begin with `apiVersion: plat/v1` and `kind: Context`, not with `-` or a text",
    )


def too_deep(limit: int) -> Problem:
    """Refuse nesting beyond the cap."""
    return Problem(rule="too-deep", message=f"values are nested more than {limit} levels deep", hint="no descriptor needs it")


def anchor(name: str) -> Problem:
    """Refuse an anchor."""
    return Problem(rule="anchor", message=f"the anchor {shown('&' + name)} is not allowed", hint="write values out")


def alias(name: str) -> Problem:
    """Refuse an alias."""
    hint = "write the value out; a text that begins with `*` needs quotes"
    return Problem(rule="alias", message=f"the alias {shown('*' + name)} is not allowed", hint=hint)


def merge_key() -> Problem:
    """Refuse a merge key."""
    return Problem(rule="merge-key", message="the merge key `<<` is not allowed", hint="write the fields out")


def tag(name: str) -> Problem:
    """Refuse an explicit type."""
    written = f"!!{name.removeprefix(_YAML_TAG)}" if name.startswith(_YAML_TAG) else name
    hint = "leave it out; a text that begins with `!` needs quotes"
    return Problem(rule="tag", message=f"the tag {shown(written)} is not allowed", hint=hint)


def duplicate_key(key: str, first_line: int) -> Problem:
    """Refuse the second of two equal keys."""
    return Problem(
        rule="duplicate-key",
        message=f"{shown(key)} is written twice in this mapping, first on line {first_line}",
        hint="keep one of them",
    )


def complex_key() -> Problem:
    """Refuse a list or a mapping as a key."""
    return Problem(rule="key-not-text", message="a key is a text, not a list or a mapping")


def key_not_text(key: str) -> Problem:
    """Refuse a number, a truth value or nothing as a key."""
    return Problem(rule="key-not-text", message=f"the key {shown(key)} is not a text", hint="put it in quotes")


def ambiguous(text: str, readings: str, way_out: str) -> Problem:
    """Refuse an unquoted value that YAML readers do not agree upon."""
    return Problem(
        rule="ambiguous-value",
        message=f"{shown(text)} without quotes is {readings}, depending on who reads it",
        hint=way_out,
    )


def empty_value() -> Problem:
    """Refuse a key or a list entry without a value."""
    return Problem(rule="empty-value", message="there is no value here", hint="give one, or leave the key out")


def credentials() -> Problem:
    """Refuse a URL with a user name or password; the value is never quoted."""
    return Problem(
        rule="credentials-in-value",
        message="this value holds a URL with a user name or a password (not shown)",
        hint="take the credentials out and change them: the history may hold them. Plat makes secrets and hands them over",
    )


def more(count: int) -> Problem:
    """Say that there are more errors than are shown."""
    hint = "mend these first"
    return Problem(rule="more-errors", message=f"there are more than {count} errors: the rest is not shown", hint=hint)


def not_regular(what: str) -> Problem:
    """Refuse what is no ordinary file."""
    return Problem(
        rule="not-a-regular-file",
        message=f"this is a {what}: only regular files inside of the landscape's folder are read",
        hint="put the file itself here",
    )


def unreadable(reason: str) -> Problem:
    """Refuse a file or a folder that the system does not let us read; `reason` is the system's text."""
    return Problem(rule="unreadable", message=f"this cannot be read: {reason}", hint="check its permissions")


def wrong_suffix(suffix: str, right: str) -> Problem:
    """Refuse a descriptor that would be overlooked because of its file's name."""
    return Problem(
        rule="file-suffix", message=f"a file that ends in {shown(suffix)} is not read", hint=f"rename it to `{right}`"
    )


def file_name() -> Problem:
    """Refuse a file or folder name with characters that differ between systems or terminals."""
    return Problem(
        rule="file-name",
        message="this name holds characters other than a-z, A-Z, 0-9, `.`, `_` and `-`",
        hint="rename it",
    )


def same_but_for_case(other: str) -> Problem:
    """Refuse two names that are one on some systems."""
    return Problem(
        rule="file-name-case",
        message=f"this name and {shown(other)} differ only by case: on some systems they are one file",
        hint="rename one of them",
    )


def folders_too_deep(limit: int) -> Problem:
    """Refuse folders below the depth that is read."""
    return Problem(rule="folder-too-deep", message=f"folders are read {limit} levels deep", hint="move it further up")


def too_many_files(limit: int) -> Problem:
    """Refuse a landscape with more files than the cap."""
    return Problem(rule="too-many-files", message=f"there are more than {limit} files", hint="split the landscape")


def missing_folder(name: str) -> Problem:
    """Refuse a landscape folder that does not exist."""
    hint = "`plat new landscape` makes one"
    return Problem(rule="missing-landscape", message=f"there is no landscape folder {shown(name)}", hint=hint)
