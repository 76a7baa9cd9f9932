"""The rules about files and their YAML, which are judged before anything in a file is understood."""

from __future__ import annotations

from typing import Final

from plat.explanation import Group
from plat.manual.chapter import DECISION, Chapter

_YAML: Final = "YAML Ain't Markup Language, revision 1.2.2 (2021)"
_BOMB: Final = f"CWE-776 (recursive entity expansion) and CWE-674 (uncontrolled recursion); {DECISION}"
_PORTABLE: Final = "POSIX.1-2017, 3.282 'Portable Filename Character Set'"

_CHAPTER: Final = Chapter(Group.FILES, DECISION)

FILES: Final = (
    _CHAPTER.rule(
        "missing-landscape",
        "A landscape is a folder",
        "All that is known of a system stands in one folder, so that nothing is left out of it by accident.",
        "make it with `plat new landscape NAME`, or write the name of a folder that there is",
    ),
    _CHAPTER.rule(
        "unreadable",
        "Every file of a landscape can be read",
        "What cannot be read cannot be judged, and a landscape without it would be another one than its teams wrote.",
        "give the account that runs `plat` the right to read the file and to enter its folder",
    ),
    _CHAPTER.rule(
        "not-a-regular-file",
        "A descriptor is a regular file in the landscape's folder",
        "A link can lead out of the folder, to what no review has seen and what differs between two checkouts; a pipe or a "
        "device never ends.",
        "put the file itself where the link is",
        source=f"CWE-59 (link following); {DECISION}",
    ),
    _CHAPTER.rule(
        "file-suffix",
        "A descriptor's file ends in .yaml",
        "A file with another ending would be left out in silence, and its context with it.",
        "rename it: `.yml` becomes `.yaml`",
    ),
    _CHAPTER.rule(
        "file-name",
        "File names hold a-z, A-Z, 0-9, dot, underscore and hyphen",
        "Other characters are shown, sorted and compared differently from system to system.",
        "rename the file or folder",
        source=_PORTABLE,
    ),
    _CHAPTER.rule(
        "file-name-case",
        "No two names differ only by case",
        "On some systems `Shipping.yaml` and `shipping.yaml` are one file: whoever checks the landscape out there loses one.",
        "rename one of them",
        source=_PORTABLE,
    ),
    _CHAPTER.rule(
        "folder-too-deep",
        "Folders are at most three levels deep",
        "A bound keeps loading quick whatever the folder holds; a landscape is a list of descriptors, not a tree.",
        "move the file further up",
    ),
    _CHAPTER.rule(
        "too-many-files",
        "A landscape has at most 20,000 files",
        "A bound keeps loading quick whatever the folder holds.",
        "split the landscape along its systems",
        source=f"CWE-400 (uncontrolled resource consumption); {DECISION}",
    ),
    _CHAPTER.rule(
        "file-too-large",
        "A descriptor has at most 65,536 bytes",
        "A descriptor holds one context. What is larger holds something else, or is an attack on whoever reads it.",
        "move what is described in detail to files of its own, and name them with `spec` or `schema`",
        source=f"CWE-400 (uncontrolled resource consumption); {DECISION}",
        example="exposes:\n  BookParcel: {spec: apis/shipping.openapi.yaml}\n",
    ),
    _CHAPTER.rule(
        "more-errors",
        "The errors of one run are few enough to read",
        "After some number of errors the rest mostly follow from the first ones, and looking for hints costs time.",
        "mend the errors that are shown, and check again",
    ),
    _CHAPTER.rule(
        "not-utf8",
        "A descriptor is UTF-8",
        "Another encoding turns letters into others, in names as well as in texts, depending on who reads it.",
        "save the file as UTF-8 without a byte order mark",
        source=f"RFC 3629 (UTF-8); {_YAML}, 5.2 'Character Encodings'",
    ),
    _CHAPTER.rule(
        "forbidden-character",
        "No character is invisible or changes how others are shown",
        "A text with such a character is not what a reviewer sees: names that look equal differ, and lines seem to stand in "
        "another order.",
        "take the character out and write the word anew",
        source="Nicholas Boucher and Ross Anderson, Trojan Source (2021); Unicode Technical Standard 39",
    ),
    _CHAPTER.rule(
        "empty-file",
        "A descriptor is not empty",
        "An empty file was meant to hold something, or is a leftover: either way somebody has to look at it.",
        "write the descriptor (`plat new context NAME` writes a first one), or remove the file",
    ),
    _CHAPTER.rule(
        "not-yaml",
        "A descriptor is YAML",
        "Where the form is broken nothing can be said of the content: what stands after the error is a guess.",
        "mend the place that is shown; most often an indentation, a missing space after a colon or an open quote",
        source=_YAML,
        example='purpose: "Books a parcel: decides how it travels."   # a text with `: ` needs quotes\n',
    ),
    _CHAPTER.rule(
        "second-document",
        "A file holds one descriptor",
        "A second document is easily overlooked by readers, by tools that read the first one only, and by code owners' rules.",
        "give it a file of its own",
        source=f"{_YAML}, 9.2 'Streams'; {DECISION}",
    ),
    _CHAPTER.rule(
        "directive",
        "No line changes how YAML is read",
        "A directive gives the same text another meaning, and not every reader obeys it.",
        "take the line out",
        source=f"{_YAML}, 6.8 'Directives'; {DECISION}",
    ),
    _CHAPTER.rule(
        "not-a-mapping",
        "A descriptor is a mapping of fields",
        "Fields have names, so that everybody sees what a value means and a missing one can be told.",
        "begin with `apiVersion` and `kind`",
        example="apiVersion: plat/v1\nkind: Context\nname: shipping\n",
    ),
    _CHAPTER.rule(
        "too-deep",
        "Values are nested at most 20 levels deep",
        "Deep nesting crashes parsers; no field of a descriptor is deeper than six levels.",
        "write what is meant without the brackets around it",
        source=_BOMB,
    ),
    _CHAPTER.rule(
        "anchor",
        "No value is named to be repeated",
        "Anchors and aliases let a few bytes expand into gigabytes, and let one line change what stands elsewhere.",
        "write the value out where it is needed",
        source=f"{_BOMB}; {_YAML}, 6.9.2 'Node Anchors'",
    ),
    _CHAPTER.rule(
        "alias",
        "No value refers to another one",
        "Anchors and aliases let a few bytes expand into gigabytes, and let one line change what stands elsewhere.",
        "write the value out; a text that begins with `*` needs quotes",
        source=f"{_BOMB}; {_YAML}, 7.1 'Alias Nodes'",
    ),
    _CHAPTER.rule(
        "merge-key",
        "No mapping is merged into another one",
        "A merge overrides in silence, and YAML 1.2 does not know it: two readers see two descriptors.",
        "write the fields out",
        source=f"YAML's type repository for version 1.1, 'Merge Key' (2005), which YAML 1.2 left behind; {DECISION}",
    ),
    _CHAPTER.rule(
        "tag",
        "No value has an explicit type",
        "A tag makes a reader construct something else than is written, in some readers an object that runs code.",
        "leave the tag out; a text that begins with `!` needs quotes",
        source=f"CWE-502 (deserialization of untrusted data); {_YAML}, 6.9.1 'Node Tags'",
    ),
    _CHAPTER.rule(
        "duplicate-key",
        "A key stands once in its mapping",
        "Most readers keep the last of two equal keys, some the first, and nobody says so.",
        "keep one of them",
        source=f"{_YAML}, 3.2.1.3 'Node Comparison'",
    ),
    _CHAPTER.rule(
        "key-not-text",
        "A key is a text",
        "`on`, `2` or a list as a key become something else in the readers that convert them.",
        "put the key in quotes",
        source=f"{_YAML}, 10.3.2 'Tag Resolution'; {DECISION}",
    ),
    _CHAPTER.rule(
        "ambiguous-value",
        "A value means the same to every reader",
        "Without quotes `no` is false or a text, `012` is 10 or 12, `1:30` is 90 or a text, depending on the version of YAML "
        "that a reader knows.",
        "put it in quotes where a text is meant, else write it in the plain form",
        source=f"{_YAML}, 10.3.2 'Tag Resolution', against YAML's type repository for version 1.1",
        example='datastore: {type: postgresql, version: "16"}\n',
    ),
    _CHAPTER.rule(
        "empty-value",
        "A key has a value",
        "Nothing after a colon is either forgotten or meant as a default, and a reader cannot tell which.",
        "give a value, or leave the key out to get its default",
    ),
    _CHAPTER.rule(
        "credentials-in-value",
        "No URL holds a user name or a password",
        "What stands in a descriptor is read by everybody who can read the repository, now and in its history.",
        "take them out and change the password; Plat makes what a service needs, and hands it over as variables",
        source="RFC 3986, 3.2.1 'User Information'; CWE-798 (hard-coded credentials); The Twelve-Factor App, III 'Config'",
    ),
)
