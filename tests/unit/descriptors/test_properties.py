"""What holds for any input: bytes, trees, orders of files."""

import json
import string
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from plat.descriptors.files import Found
from plat.descriptors.models import KINDS
from plat.descriptors.source import Source
from plat.descriptors.tree import plain
from plat.descriptors.validate import validate
from plat.descriptors.yaml import read_document
from plat.landscape import LoadResult, load_landscape
from tests.thorough import examples, thorough
from tests.unit.descriptors.parcels import FILES, Parcels

ALL = {name: text.encode() for name, text in FILES.items()}
YAML_PIECES = st.sampled_from(
    [
        *"&*!|>%@`'\"#-?:,[]{}\n \t~<=\\\0\x85\u2028",
        "<<: ",
        "- ",
        ": ",
        "!!binary ",
        "---\n",
        "...\n",
        "\u202e",
        "a",
        "no",
        "012",
    ]
)
BYTES = st.binary(max_size=400) | st.lists(YAML_PIECES, max_size=120).map(lambda pieces: "".join(pieces).encode())
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(["", "a", "plat/v1"])
)
KEYS = st.text(max_size=8) | st.sampled_from(
    sorted({field.alias or name for model in KINDS.values() for name, field in model.model_fields.items()})
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=30
)


def load(files: dict[str, bytes]) -> LoadResult:
    with TemporaryDirectory() as made:
        path = Path(made) / "contexts" / "parcels"
        path.mkdir(parents=True)
        for name, data in files.items():
            (path / name).write_bytes(data)
        loaded = load_landscape(path)
        assert loaded.findings is not None  # found while the files are there
        return loaded


def right(result: LoadResult) -> None:
    """Every result is one that a user can do something with."""
    assert result.ok or result.findings
    for finding in result.findings:
        assert finding.location is not None
        assert finding.location.line >= 1
        assert finding.location.column >= 1
        assert finding.message
        assert finding.render().isprintable() or set(finding.render()) - set(string.printable) <= set(finding.message)
        assert "\x1b" not in finding.render()
        json.dumps(finding.to_dict())


@examples(150)
@given(BYTES)
def test_any_bytes_give_a_tree_or_findings(data: bytes) -> None:
    document = read_document("file", data)
    assert document.tree is not None or document.findings
    if document.tree is not None:
        plain(document.tree)
        validate(Source.of(Found(Path("file"), "file", "file"), document.tree))


@examples(50)
@given(BYTES)
def test_any_bytes_as_a_descriptor_give_a_landscape_or_findings(data: bytes) -> None:
    right(load({**ALL, "shipping.yaml": data}))


@examples(200)
@given(
    st.sampled_from(sorted(FILES)), st.integers(0, 10_000), st.integers(0, 40), st.lists(YAML_PIECES, max_size=6).map("".join)
)
def test_any_damage_to_a_descriptor_gives_a_landscape_or_findings(file: str, start: int, length: int, put: str) -> None:
    text = FILES[file]
    start %= len(text)
    damaged = text[:start] + put + text[start + length :]
    right(load({**ALL, file: damaged.encode()}))


@examples(80)
@given(st.sampled_from(sorted(FILES)), st.dictionaries(KEYS, TREES, max_size=3))
def test_any_value_of_any_field_gives_a_landscape_or_findings(file: str, changed: dict[str, Any]) -> None:
    text = json.dumps({**yaml.safe_load(FILES[file]), **changed}, ensure_ascii=False)
    right(load({**ALL, file: text.encode()}))


@examples(20)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_files_are_written_never_changes_the_result(random: Random) -> None:
    files = {**ALL, "broken.yaml": b"a: &b [1\n", "twin.yaml": ALL["pricing.yaml"], "zwin.yaml": ALL["tracking.yaml"]}
    names = sorted(files)
    first = load({name: files[name] for name in names})
    random.shuffle(names)
    again = load({name: files[name] for name in names})
    assert (again.landscape, again.findings) == (None, first.findings)


@examples(20)
@given(st.permutations(sorted(FILES)))
def test_the_names_of_files_never_change_the_landscape(names: list[str]) -> None:
    others = [name for name in names if name != "landscape.yaml"]
    renamed = {"landscape.yaml": "landscape.yaml"} | dict(zip(sorted(set(FILES) - {"landscape.yaml"}), others, strict=True))
    result, expected = load({renamed[name]: data for name, data in ALL.items()}), load(ALL)
    assert result.findings == expected.findings == ()
    assert result.landscape is not None
    assert expected.landscape is not None
    assert replace(result.landscape, root_dir=expected.landscape.root_dir) == expected.landscape


@thorough
def test_the_largest_files_that_are_read_end_soon(parcels: Parcels) -> None:
    """Inputs that were slow once: each took from seconds to minutes with a careless pattern or an unbounded search."""
    head = "apiVersion: plat/v1\nkind: Context\nname: slow\nteam: t\nsubdomain: core\npurpose: x\n"
    room = 65_000 - len(head)
    tails = [
        "a: " + "1_" * (room // 2 - 2) + "z",
        "a: " + "1" * (room - 4) + "z",
        "a: '" + "://a:" * (room // 5 - 2) + "'",
        "datastore: {type: '" + "password" * (room // 8 - 4) + "'}",
        "datastore: {type: '" + "://a:" * (room // 5 - 5) + "'}",
        "a: " + "[" * (room - 3),
        "a: " + "{" * (room - 3),
        "consumes: [" + "1," * (room // 2 - 6) + "]",
        "consumes: [" + "{event: a.B}," * (room // 13 - 1) + "]",
        "".join(f"a{number}: 1\n" for number in range(room // 9)),
        "".join(f"team-{number}: 1\n" for number in range(room // 14)),
    ]
    for number, tail in enumerate(tails):
        parcels.files[f"slow{number}.yaml"] = head + tail + "\n"
    assert parcels.load().findings
