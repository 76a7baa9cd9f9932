"""The very text that a user reads."""

import pytest

from tests.unit.descriptors.parcels import Parcels

S = "shipping.yaml"

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
            "    the fields are dedicated, size, target"
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
            "    its fields are dedicated, size, target"
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
    "an operation of who has none": (
        S,
        "{context: pricing, uses: [GetRateSnapshot]}",
        "{context: tracking, uses: [Find]}",
        (
            "shipping.yaml:26:32: error[unknown-operation]: `tracking` exposes no operation `Find`\n"
            "    there are no operations of `tracking`"
        ),
    ),
    "a truth value where a text is meant": (
        S,
        '"16"',
        "true",
        (
            "shipping.yaml:9:12: error[wrong-type]: a text is meant here, not the truth value `true`\n"
            '    put it in quotes: "true"'
        ),
    ),
    "a fraction where a whole number is meant": (
        S,
        "max: 20",
        "max: 3.0",
        "shipping.yaml:11:41: error[wrong-type]: a whole number is meant here, not the number `3.0`",
    ),
    "a list where one of several words is meant": (
        S,
        "subdomain: core",
        "subdomain: [core]",
        "shipping.yaml:5:1: error[not-allowed]: a list is not allowed here: it is core, supporting or generic",
    ),
    "a bracket that is never closed": (
        S,
        "[GetRateSnapshot]}",
        "[GetRateSnapshot}",
        (
            "shipping.yaml:26:30: error[not-yaml]: this is not YAML: did not find expected ',' or ']'\n"
            "    a list in brackets is left open: close it with `]`"
        ),
    ),
    "a name with a slash": (
        S,
        "name: shipping\n",
        "name: shipping/eu\n",
        (
            "shipping.yaml:3:7: error[malformed-name]: `shipping/eu` is no name: it holds a dot or a slash\n"
            "    did you mean `shipping-eu`?"
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
