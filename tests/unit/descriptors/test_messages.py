"""What errors have in common: all at once, in order, within bounds, and never with a secret."""

import json

import pytest

from plat.descriptors.loader import check_name
from plat.findings import Finding, Location, Severity, errors
from plat.landscape import load_landscape
from tests.unit.descriptors.parcels import Parcels

S, L = "shipping.yaml", "landscape.yaml"

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


def test_a_misspelt_path_is_told_the_nearest_file(parcels: Parcels) -> None:
    parcels.write("apis/shipping.openapi.yaml", "openapi: 3.1.0")
    (finding,) = parcels.change(S, "{protocol: http}", "{spec: apis/shiping.openapi.yaml}").load().findings
    assert finding.hint == "did you mean `apis/shipping.openapi.yaml`?"


def test_among_many_names_the_nearest_is_found_too_and_they_are_not_all_listed(parcels: Parcels) -> None:
    teams = "".join(f"  - {{name: team-{number}x}}\n" for number in range(300))
    parcels.change(L, "teams:\n", f"teams:\n{teams}").change("monolith.yaml", "team: shipping-team", "team: qqq")
    near, far = parcels.change(S, "team: shipping-team", "team: shiping-team").load().findings[::-1]
    assert (near.hint, far.hint) == ("did you mean `shipping-team`?", "")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("shipping", ""),
        ("Shipping", "`Shipping` is no name: it holds capital letters: did you mean `shipping`?"),
        ("x" * 41, "the name has 41 characters: at most 40 are allowed"),
    ],
)
def test_a_name_can_be_judged_before_anything_is_written(name: str, why: str) -> None:
    assert check_name(name) == why


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
