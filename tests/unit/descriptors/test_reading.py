"""What is refused before anything in a file is understood, each with its place."""

import pytest

from plat.descriptors.tree import Scalar
from plat.descriptors.yaml import read_document
from plat.findings import Location

# A bomb of 340 bytes: nine levels of aliases, ten to a level.
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)

BOMB_FOUND = [
    "1:4 anchor a",
    *(
        f"{line}:{column} {rule} {field}"
        for line, name in enumerate("bcdefgh", start=2)
        for column, rule, field in (
            (4, "anchor", name),
            *((8 + 4 * item, "alias", f"{name}[{item}]") for item in range(9)),
        )
    ),
]

CASES: dict[str, tuple[bytes, list[str]]] = {
    "an alias bomb": (BOMB.encode(), [*BOMB_FOUND[:50], "6:40 more-errors f[8]"]),
    "any anchor": (b"name: &n shipping\n", ["1:7 anchor name"]),
    "an anchor on a list": (b"uses: &n [A]\n", ["1:7 anchor uses"]),
    "an anchor on a key": (b"&n name: shipping\n", ["1:1 anchor"]),
    "an alias as a key": (b"name: &n x\n*n : y\n", ["1:7 anchor name", "2:1 alias"]),
    "a merge key": (b"a: 1\n<<: {b: 2}\n", ["2:1 merge-key"]),
    "a duplicate key": (b"name: a\nteam: b\nname: c\n", ["3:1 duplicate-key name"]),
    "a duplicate key further down": (b"runtime:\n  target: vm\n  target: vm\n", ["3:3 duplicate-key runtime.target"]),
    "a duplicate key in other quotes": (
        b"name: a\n\"name\": b\n'name': c\n",
        ["2:1 duplicate-key name", "3:1 duplicate-key name"],
    ),
    "a tag of Python": (b"name: !!python/object/apply:os.system [id]\n", ["1:7 tag name"]),
    "a tag of nobody": (b"name: !secret x\n", ["1:7 tag name"]),
    "an explicit binary": (b"name: !!binary aGVsbG8=\n", ["1:7 tag name"]),
    "an explicit text": (b"name: !!str 3\n", ["1:7 tag name"]),
    "a tag that says nothing": (b"name: ! 3\n", ["1:7 tag name"]),
    "a tag on a mapping": (b"runtime: !!map {target: vm}\n", ["1:10 tag runtime"]),
    "a set": (b"uses: !!set {A, B}\n", ["1:7 tag uses", "1:15 empty-value uses.A", "1:18 empty-value uses.B"]),
    "a date without zeros": (b"version: 2026-1-21\n", ["1:10 ambiguous-value version"]),
    "a date and time": (b"version: 2026-11-21 08:00:00\n", ["1:10 ambiguous-value version"]),
    "more than twenty levels": (b"a: " + b"[" * 20 + b"]" * 20, ["1:23 too-deep a" + "[0]" * 19]),
    "32,000 brackets": (b"a: " + b"[" * 32_000, ["1:23 too-deep a" + "[0]" * 19]),
    "32,000 braces": (b"a: " + b"{a: " * 10_000, ["1:80 too-deep a" + ".a" * 19]),
    "deep blocks": (b"".join(b" " * level + b"a:\n" for level in range(300)), ["21:21 too-deep a" + ".a" * 19]),
    "a file of 512 kB and a byte": (b"name: " + b"x" * 524_283, ["1:1 file-too-large"]),
    "an empty file": (b"", ["1:1 empty-file"]),
    "a file of spaces and line breaks": (b" \n\r\n\t\n", ["1:1 empty-file"]),
    "a file of comments": (b"# nothing\n", ["1:1 empty-file"]),
    "a document without content": (b"---\n", ["2:1 not-a-mapping"]),
    "a list at the top": (b"- name: a\n", ["1:1 not-a-mapping"]),
    "a text at the top": (b"name\n", ["1:1 not-a-mapping"]),
    "an alias at the top": (b"*a\n", ["1:1 not-a-mapping"]),
    "two documents": (b"name: a\n---\nname: b\n", ["2:1 second-document"]),
    "a version of YAML": (b"%YAML 1.1\n---\nname: a\n", ["1:1 directive"]),
    "a handle for tags": (b"%TAG ! tag:example.org,2026:\n---\nname: a\n", ["1:1 directive"]),
    "UTF-16": ("name: a\n".encode("utf-16"), ["1:1 not-utf8"]),
    "UTF-32": ("name: a\n".encode("utf-32"), ["1:1 not-utf8"]),
    "UTF-16 without a mark": ("name: a\n".encode("utf-16-le"), ["1:2 forbidden-character"]),
    "a byte order mark": (b"\xef\xbb\xbfname: a\n", ["1:1 not-utf8"]),
    "Latin-1": ("name: ö\n".encode("latin-1"), ["1:7 not-utf8"]),
    "an overlong sequence": (b"name: \xc0\xaf\n", ["1:7 not-utf8"]),
    "a surrogate": (b"name: \xed\xa0\x80\n", ["1:7 not-utf8"]),
    "a NUL": (b"team: b\nname: a\x00\n", ["2:8 forbidden-character"]),
    "an escape character": (b"name: \x1b[31mred\n", ["1:7 forbidden-character"]),
    "a bidirectional mark": ("name: a\u202eb\n".encode(), ["1:8 forbidden-character"]),
    "a joiner that cannot be seen": ("name: a\u200db\n".encode(), ["1:8 forbidden-character"]),
    "a no-break space": ("name:\u00a0a\n".encode(), ["1:6 forbidden-character"]),
    "a line separator": ("name: a\u2028b\n".encode(), ["1:8 forbidden-character"]),
    "a tag character": ("name: a\U000e0041\n".encode(), ["1:8 forbidden-character"]),
    "a NUL as an escape": (b'name: "a\\0"\n', ["1:7 forbidden-character name"]),
    "a bidirectional mark as an escape": (b'name: "a\\u202E"\n', ["1:7 forbidden-character name"]),
    "a bidirectional mark as an escape in a key": (b'"a\\u202E": b\n', ["1:1 forbidden-character"]),
    "a number as a key": (b"1: a\n", ["1:1 key-not-text"]),
    "a truth value as a key": (b"true: a\n", ["1:1 key-not-text"]),
    "nothing as a key": (b"~: a\n", ["1:1 key-not-text"]),
    "`on` as a key": (b"on: a\n", ["1:1 ambiguous-value"]),
    "a list as a key": (b"? [a]\n: b\n", ["1:3 key-not-text"]),
    "a key without a value": (b"name:\nteam: b\n", ["1:6 empty-value name"]),
    "a key with null": (b"name: null\n", ["1:7 empty-value name"]),
    "a list entry without a value": (b"uses:\n  - A\n  -\n", ["3:4 empty-value uses[1]"]),
    "a URL with a password": (b"image: https://user:hunter2@registry.example/a\n", ["1:8 credentials-in-value image"]),
    "a URL with a token": (b"image: https://ghp_0123@registry.example/a\n", ["1:8 credentials-in-value image"]),
    "a URL with a password that holds a slash": (b"image: amqp://user:hun/ter2@host\n", ["1:8 credentials-in-value image"]),
    "a URL with a password as a key": (b"https://user:hunter2@host: a\n", ["1:1 credentials-in-value"]),
    "a tab as indentation": (b"runtime:\n\ttarget: vm\n", ["2:1 not-yaml runtime"]),
    "a quote that is never closed": (b"name: 'a\nteam: b\n", ["1:7 not-yaml name"]),
    "a bracket that is never closed": (b"name: a\nuses: [A, B\nteam: b\n", ["2:7 not-yaml uses"]),
    "a colon in a text without quotes": (b"purpose: Books: parcels\n", ["1:15 not-yaml"]),
    "a line that is no `key: value`": (b"name: a\nteam\n", ["3:1 not-yaml"]),
    "an indentation that fits nothing": (b"uses:\n  - A\n - B\n", ["3:2 not-yaml"]),
    "a text that begins with an at sign": (b"name: @a\n", ["1:7 not-yaml name"]),
}


@pytest.mark.parametrize("case", CASES)
def test_is_refused(case: str) -> None:
    data, expected = CASES[case]
    findings = read_document("file", data).findings
    found = [f"{finding.location} {finding.rule} {finding.field}".removeprefix("file:").rstrip() for finding in findings]
    assert found == expected


# fmt: off
AMBIGUOUS = (
    "no", "No", "NO", "off", "Off", "OFF", "yes", "Yes", "YES", "on",
    "On", "ON", "012", "-012", "08", "0o17", "0x1F", "0b11", "1_000", "1:30",
    "190:20:30", "-1:30", "1e3", "1.5e3", "1E-3", ".5", "1.", "+.5", ".inf", "-.Inf",
    ".nan", "2026-1-21", "2026-11-21T08:00:00Z", "=", "1234567890123456", "0_1", "1_0.5",
)
TEXTS = (
    "x", "nope", "nO", "oN", "y", "n", "Y", "N", "shipping", "1.2.3",
    "1.4.2-rc1", "20Gi", "7d", "v1", "8080:80", "127.0.0.1", "1-2", "a:b", "--", "0x",
    "0xyz", "12345678901234567z", "a_b", "2026-11-21",
)
# fmt: on


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_what_readers_disagree_about_needs_quotes(text: str) -> None:
    assert [finding.rule for finding in read_document("file", f"a: {text}\n".encode()).findings] == ["ambiguous-value"]
    assert read_document("file", f'a: "{text}"\n'.encode()).findings == ()
    assert read_document("file", f"a: |\n  {text}\n".encode()).findings == ()


@pytest.mark.parametrize("text", TEXTS)
def test_what_every_reader_takes_for_text_needs_none(text: str) -> None:
    assert _value(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("8080", 8080), ("-1", -1), ("+5", 5), ("3.0", 3.0), ("1.10", 1.1), ("true", True), ("False", False)],
)
def test_numbers_and_truth_values_are_those_of_every_reader(text: str, value: float) -> None:
    assert (_value(text), type(_value(text))) == (value, type(value))


@pytest.mark.parametrize("text", ['"8080"', "'true'", '"no"', '""', "'~'", '"\\x41"'])
def test_quotes_make_a_text(text: str) -> None:
    assert isinstance(_value(text), str)


def test_a_file_of_64_kb_is_read() -> None:
    document = read_document("file", b"name: " + b"x" * 65_530)
    assert (document.tree is not None, document.findings) == (True, ())


def test_twenty_levels_are_read() -> None:
    document = read_document("file", b"a: " + b"[" * 19 + b"]" * 19)
    assert (document.tree is not None, document.findings) == (True, ())


def test_windows_line_breaks_and_a_document_mark_are_read() -> None:
    document = read_document("file", b"---\r\nname: a\r\nteam: b\r\n...\r\n")
    assert document.findings == ()
    assert document.tree is not None
    assert [(key, entry.position) for key, entry in document.tree.entries.items()] == [("name", (2, 1)), ("team", (3, 1))]


def test_the_first_of_two_equal_keys_is_named() -> None:
    (finding,) = read_document("file", b"name: a\nteam: b\nname: c\n").findings
    assert finding.related == (Location("file", 1, 1),)


def _value(text: str) -> object:
    document = read_document("file", f"a: {text}\n".encode())
    assert document.findings == ()
    assert document.tree is not None
    node = document.tree.entries["a"].value
    assert isinstance(node, Scalar)
    return node.value
