"""The very text that a user reads, and what is never in it."""

import json

import pytest

from plat.findings import Finding, Location, Severity, errors
from plat.landscape import load_landscape
from tests.unit.descriptors.parcels import Parcels

S, L = "shipping.yaml", "landscape.yaml"

# sentence: (file, what it says, what it says instead, the text)
TEXTS: dict[str, tuple[str, str, str, str]] = {
    "a misspelt team": (
        S,
        "team: shipping-team",
        "team: shiping-team",
        (
            "shipping.yaml:4:7: error[unknown-team]: team `shiping-team` is not in landscape.yaml\n"
            "    did you mean `shipping-team`?"
        ),
    ),
    "a misspelt field": (
        S,
        "subdomain: core",
        "subdomian: core",
        (
            "shipping.yaml:5:1: error[unknown-field]: there is no field `subdomian` in this descriptor\n"
            "    did you mean `subdomain`?"
        ),
    ),
    "a field in another place": (
        S,
        "runtime: {target: vm}",
        "port: 80",
        (
            "shipping.yaml:10:1: error[unknown-field]: there is no field `port` in this descriptor\n"
            "    it belongs below `deployables`"
        ),
    ),
    "a field that is called otherwise elsewhere": (
        S,
        "    environment: ",
        "    env: ",
        (
            "shipping.yaml:17:5: error[unknown-field]: there is no field `env` in `deployables[0]`\n"
            "    did you mean `environment`?"
        ),
    ),
    "a field that nothing resembles": (
        S,
        "{target: vm}",
        "{target: vm, xyzzy: 1}",
        (
            "shipping.yaml:10:23: error[unknown-field]: there is no field `xyzzy` in `runtime`\n"
            "    the fields are dedicated, target"
        ),
    ),
    "a missing field": (
        S,
        "subdomain: core\n",
        "",
        (
            "shipping.yaml:1:1: error[missing-field]: field `subdomain` is missing in this descriptor\n"
            "    How much it sets the business apart: core, supporting or generic"
        ),
    ),
    "a duplicate key": (
        S,
        "subdomain: core\n",
        "subdomain: core\nname: sales\n",
        (
            "shipping.yaml:6:1: error[duplicate-key]: `name` is written twice in this mapping, first on line 3\n"
            "    keep one of them\n"
            "    see contexts/parcels/shipping.yaml:3:1"
        ),
    ),
    "a word that is false for some": (
        S,
        "target: vm",
        "target: vm, dedicated: no",
        (
            "shipping.yaml:10:34: error[ambiguous-value]: `no` without quotes is false or a text, depending on who reads it\n"
            '    write false, or "no" in quotes if a text is meant'
        ),
    ),
    "a number with a zero in front": (
        S,
        '"16"',
        "012",
        (
            "shipping.yaml:9:12: error[ambiguous-value]: `012` without quotes is decimal or octal, depending on who reads it\n"
            '    write "012" in quotes if a text is meant, else a plain decimal number'
        ),
    ),
    "a number where a text is meant": (
        S,
        '"16"',
        "16",
        'shipping.yaml:9:12: error[wrong-type]: a text is meant here, not the number `16`\n    put it in quotes: "16"',
    ),
    "a text where a list is meant": (
        S,
        "[python, -m, shipping.api]",
        "python -m shipping.api",
        (
            "shipping.yaml:15:14: error[wrong-type]: a list is meant here, not the text `python -m shipping.api`\n"
            "    write it in brackets: `[one, two]`"
        ),
    ),
    "a text where a mapping is meant": (
        S,
        "{target: vm}",
        "vm",
        (
            "shipping.yaml:10:10: error[wrong-type]: a mapping is meant here, not the text `vm`\n"
            "    its fields are dedicated, target"
        ),
    ),
    "a list where names are meant": (
        S,
        "exposes:\n  BookParcel: {protocol: http}\n",
        "exposes: [BookParcel]\n",
        (
            "shipping.yaml:19:1: error[wrong-type]: a mapping is meant here, not a list\n"
            "    write each entry as `Name: {...}`, without `-`"
        ),
    ),
    "a choice that there is not": (
        S,
        "  type: postgresql",
        "  type: postgres",
        (
            "shipping.yaml:8:9: error[not-allowed]: `postgres` is not allowed here: it is postgresql, mysql, mongodb, "
            "redis or none\n"
            "    did you mean `postgresql`?"
        ),
    ),
    "a Cyrillic letter": (
        S,
        "name: shipping\n",
        "name: shi\u0440ping\n",
        (
            "shipping.yaml:3:7: error[malformed-name]: `shi\u0440ping` is no name: U+0440 is not a letter a-z, though it may "
            "look like one\n"
            "    use lower-case letters a-z, digits and single hyphens, a letter first"
        ),
    ),
    "a name with capitals": (
        S,
        "name: shipping\n",
        "name: ShippingLabels\n",
        (
            "shipping.yaml:3:7: error[malformed-name]: `ShippingLabels` is no name: it holds capital letters\n"
            "    did you mean `shipping-labels`?"
        ),
    ),
    "a tag": (
        S,
        "{LOG_LEVEL: info}",
        "{LOG_LEVEL: !!python/name:os.system }",
        (
            "shipping.yaml:17:30: error[tag]: the tag `!!python/name:os.system` is not allowed\n"
            "    leave it out; a text that begins with `!` needs quotes"
        ),
    ),
    "an event that there is not": (
        S,
        "ParcelDelivered",
        "OrderPlaced",
        (
            "shipping.yaml:24:13: error[unknown-event]: `tracking` publishes no event `OrderPlaced`\n"
            "    the events of `tracking` are ParcelDelivered, ParcelLost, ParcelSeen"
        ),
    ),
    "a deprecated event": (
        S,
        "ParcelDelivered",
        "ParcelLost",
        (
            "shipping.yaml:24:13: warning[deprecated-event]: event `tracking.ParcelLost` is deprecated: it will be retired\n"
            "    move to its successor; its context knows which"
        ),
    ),
    "a colon without quotes": (
        S,
        "Books a parcel and decides how it travels.",
        "Books: parcels",
        (
            "shipping.yaml:6:15: error[not-yaml]: this is not YAML: mapping values are not allowed in this context\n"
            "    a text that holds `: ` needs quotes, or a line is indented too far"
        ),
    ),
    "a path that leaves the landscape": (
        S,
        "{protocol: http}",
        "{spec: ../pricing.json}",
        (
            "shipping.yaml:20:22: error[malformed]: `../pricing.json` is no path\n"
            "    write a path relative to the landscape's folder, with `/` between folders and without `..`"
        ),
    ),
    "two deployables with one name": (
        S,
        "name: shipping-api",
        "name: monolith",
        (
            "shipping.yaml:13:11: error[duplicate-name]: deployable `monolith` has the name of another deployable\n"
            "    rename one of them\n"
            "    see contexts/parcels/monolith.yaml:3:7"
        ),
    ),
    "replicas out of range": (
        S,
        "max: 20",
        "max: 1000000000",
        "shipping.yaml:11:41: error[out-of-range]: the number `1000000000` is out of range\n    1000 or less is allowed",
    ),
    "a text that a terminal would obey": (
        S,
        "subdomain: core",
        'subdomain: "a`b\\tc"',
        "shipping.yaml:5:12: error[not-allowed]: `a'b\\tc` is not allowed here: it is core, supporting or generic",
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_says(parcels: Parcels, case: str) -> None:
    file, old, new, text = TEXTS[case]
    (finding,) = parcels.change(file, old, new).load().findings
    assert finding.render() == f"contexts/parcels/{text}"


CANARY = "hunter2canary"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("subdomain: core", f"subdomain: https://user:{CANARY}@host/"),
        ("subdomain: core", f"subdomain: postgresql://user:{CANARY}@host:5432/db"),
        ("subdomain: core", f"subdomain: amqp://user:{CANARY}/x@host/"),
        ("subdomain: core", f"subdomain: password={CANARY}"),
        ("subdomain: core", f"subdomain: -----BEGIN PRIVATE KEY----- {CANARY}"),
        ("subdomain: core", f"subdomain: core\n? https://user:{CANARY}@host/\n: 1"),
        ("subdomain: core", f"subdomain: core\nhttps://user:{CANARY}@host/: [1]"),
        ("{LOG_LEVEL: info}", f"{{API_TOKEN: {{value: {CANARY}}}}}"),
        ("{LOG_LEVEL: info}", f"{{DB_PASSWORD: [{CANARY}]}}"),
        ("{LOG_LEVEL: info}", f"{{'DB_PASSWORD={CANARY}': a}}"),
        ("subdomain: core", f"subdomain: 'Bearer {CANARY}'"),
        ("{LOG_LEVEL: info}", f"{{LOG_LEVEL: 'https://user:{CANARY}@host/'}}"),
        (":1.4.2", f":1.4.2 https://user:{CANARY}@host/"),
        ("{LOG_LEVEL: info}", f"{{'https://user:{CANARY}@host/': info}}"),
        ("{LOG_LEVEL: info}", f"&https://user:{CANARY}@host/ {{LOG_LEVEL: info}}"),
        ("name: shipping\n", f"name: https://user:{CANARY}@host/\nname: b\n"),
    ],
)
def test_a_secret_is_refused_and_not_echoed(parcels: Parcels, old: str, new: str) -> None:
    findings = parcels.change(S, old, new).load().findings
    assert findings
    assert CANARY not in json.dumps([finding.to_dict() for finding in findings])
    assert CANARY not in "".join(finding.render() for finding in findings)


def test_the_number_in_a_variable_that_is_called_like_a_secret_is_not_echoed(parcels: Parcels) -> None:
    (finding,) = parcels.change(S, "{LOG_LEVEL: info}", "{DB_PASSWORD: 123456}").load().findings
    assert finding.message == "a text is meant here, not what stands here (not shown)"
    assert "123456" not in finding.render()


def test_a_name_with_a_suspicious_word_is_shown(parcels: Parcels) -> None:
    (finding,) = parcels.change(S, "context: pricing", "context: credentialing").load().findings
    assert finding.message == "context `credentialing` is not in this landscape"


def test_all_errors_of_a_run_are_told_at_once_in_the_order_of_files_and_lines(parcels: Parcels) -> None:
    parcels.change(L, "type: platform}", "type: plattform}")
    parcels.change(S, "subdomain: core", "subdomain: no").change(S, "port: 8080", "port: 0")
    parcels.change("pricing.yaml", "team: pricing-team", "team: &t pricing-team")
    parcels.change("tracking.yaml", "version: 2", "versoin: 2").write("extra.yaml", "- a").write("empty.yaml", "")
    assert parcels.found() == [
        "empty.yaml:1:1 empty-file",
        "extra.yaml:1:1 not-a-mapping",
        "landscape.yaml:7:33 not-allowed teams[2].type",
        "pricing.yaml:4:7 anchor team",
        "shipping.yaml:5:12 ambiguous-value subdomain",
        "shipping.yaml:16:11 out-of-range deployables[0].port",
        "tracking.yaml:8:21 unknown-field publishes.ParcelDelivered.versoin",
    ]


def test_a_long_value_is_shortened(parcels: Parcels) -> None:
    (finding,) = parcels.change(S, "subdomain: core", f"subdomain: {'x' * 9000}").load().findings
    assert finding.message == f"`{'x' * 60}...` is not allowed here: it is core, supporting or generic"


def test_too_many_errors_in_one_file_are_not_all_told(parcels: Parcels) -> None:
    parcels.change(S, "subdomain: core\n", "subdomain: core\n" + "".join(f"field{number}: 1\n" for number in range(500)))
    rules = [finding.rule for finding in parcels.load().findings]
    assert (rules.count("unknown-field"), rules.count("more-errors"), len(rules)) == (50, 1, 51)


def test_too_many_errors_in_all_files_end_the_run(parcels: Parcels) -> None:
    for number in range(60):
        parcels.files[f"a{number}.yaml"] = "kind: Context\n" + "".join(f"field{index}: 1\n" for index in range(30))
    result = parcels.load()
    assert len(result.findings) < 1100
    assert "more-errors" in {finding.rule for finding in result.findings}
    assert "unknown-context" not in {finding.rule for finding in result.findings}


def test_a_finding_is_plain_data_too() -> None:
    finding = Finding(
        rule="duplicate-key",
        message="twice",
        location=Location("contexts/a/b.yaml", 3, 1),
        field="name",
        subject="b",
        related=(Location("contexts/a/b.yaml", 1, 1),),
    )
    assert finding.to_dict() == {
        "rule": "duplicate-key",
        "severity": "error",
        "message": "twice",
        "location": {"file": "contexts/a/b.yaml", "line": 3, "column": 1},
        "field": "name",
        "subject": "b",
        "hint": "",
        "related": [{"file": "contexts/a/b.yaml", "line": 1, "column": 1}],
    }
    assert Finding(rule="r", message="m").to_dict()["location"] is None


def test_findings_are_sorted_by_place_and_told_without_one() -> None:
    nowhere = Finding(rule="r", message="m", severity=Severity.WARNING)
    second, tenth = (Finding(rule="r", message="m", location=Location("a", line, 1)) for line in (2, 10))
    assert sorted([tenth, second, nowhere]) == [nowhere, second, tenth]
    assert nowhere.render() == "warning[r]: m"
    assert errors([nowhere, second]) == (second,)


def test_no_exception_comes_from_a_strange_folder(parcels: Parcels) -> None:
    for name in ("a\0b", "", "x" * 5000):
        assert load_landscape(parcels.path / name).landscape is None
