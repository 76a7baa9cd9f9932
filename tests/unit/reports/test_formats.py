from __future__ import annotations

import io
import json
from dataclasses import replace

from rich.console import Console

from plat.findings import Finding, Location
from plat.reports import as_github, as_json
from plat.reports.as_text import print_report
from tests.unit.reports.conftest import APART, LEAVING, SHARED, Reported


def printed(report: Reported, *findings: Finding, accepted: tuple[Finding, ...] = ()) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    print_report(report(*findings, accepted=accepted), Console(file=out, width=40), Console(file=err, width=40))
    return out.getvalue(), err.getvalue()


def test_text_tells_findings_apart_from_the_summary(report: Reported) -> None:
    out, err = printed(report, SHARED, LEAVING)

    assert err == (
        "contexts/shop/goods.yaml:10:12: warning[deprecated-event]: event `OrderTaken` is deprecated: it will be retired\n"
        "contexts/shop/goods.yaml:12:3: error[datastore-ownership]: `goods` writes to datastore `sales--postgresql`\n"
        "    did you mean `goods`?\n"
        "    see contexts/shop/sales.yaml:8:1\n"
    )
    assert out == "shop: 1 error, 1 warning\n`plat explain RULE` tells why a rule is one\n"


def test_text_shows_what_is_accepted_and_by_whom(report: Reported) -> None:
    out, err = printed(report, accepted=(APART,))

    assert err == ""
    assert out.splitlines()[:3] == [
        "contexts/shop/goods.yaml:11:13: accepted[separate-ways] until 2027-05-31 by goods-team: `goods` calls `sales`",
        "    Until May.",
        "shop: 2 context(s), 2 deployable(s), no warnings, 1 accepted",
    ]


def test_text_says_only_how_much_there_is_where_nothing_is_wrong(report: Reported) -> None:
    assert printed(report) == ("shop: 2 context(s), 2 deployable(s), no warnings\n", "")


def test_json_is_an_object_with_a_version_findings_and_counts(report: Reported) -> None:
    found = json.loads(as_json.render(report(SHARED, LEAVING, accepted=(APART,))))

    assert (found["version"], found["ok"], found["today"]) == (1, False, "2026-11-21")
    assert found["counts"] == {"error": 1, "warning": 1, "accepted": 1}
    assert found["landscapes"] == [
        {"name": "shop", "ok": False, "contexts": 2, "deployables": 2, "counts": found["counts"]},
    ]
    assert [finding["rule"] for finding in found["findings"]] == ["deprecated-event", "datastore-ownership"]
    shared = found["findings"][1]
    assert {**SHARED.to_dict(), "landscape": "shop", "fingerprint": shared["fingerprint"]} == shared
    (accepted,) = found["accepted"]
    assert accepted["exception"] == {
        "reason": "Until May.",
        "owner": "goods-team",
        "until": "2027-05-31",
        "location": {"file": "contexts/shop/landscape.yaml", "line": 8, "column": 14},
    }


def test_github_gets_a_command_for_each_finding(report: Reported) -> None:
    assert as_github.render(report(SHARED, LEAVING, accepted=(APART,))).splitlines() == [
        (
            "::warning file=contexts/shop/goods.yaml,line=10,col=12,title=deprecated-event::event `OrderTaken` is deprecated: "
            "it will be retired%0A`plat explain deprecated-event` tells why"
        ),
        (
            "::notice file=contexts/shop/goods.yaml,line=11,col=13,title=separate-ways::`goods` calls `sales`%0Aaccepted "
            "until 2027-05-31 by goods-team: Until May.%0A`plat explain separate-ways` tells why"
        ),
        (
            "::error file=contexts/shop/goods.yaml,line=12,col=3,title=datastore-ownership::`goods` writes to datastore "
            "`sales--postgresql`%0Adid you mean `goods`?%0Asee contexts/shop/sales.yaml:8:1%0A"
            "`plat explain datastore-ownership` tells why"
        ),
        "plat check: 1 landscape(s), 1 error(s), 1 warning(s), 1 accepted",
    ]


def test_github_obeys_nothing_that_a_message_or_a_path_says(report: Reported) -> None:
    hostile = replace(
        SHARED,
        message="100%\r\n::error::forged, by: me",
        location=Location("contexts/shop/a,b:c%.yaml", 10, 12),
        hint="",
        related=(),
    )

    assert as_github.render(report(hostile)).splitlines() == [
        (
            "::error file=contexts/shop/a%2Cb%3Ac%25.yaml,line=10,col=12,title=datastore-ownership::"
            "100%25%0D%0A::error::forged, by: me%0A`plat explain datastore-ownership` tells why"
        ),
        "plat check: 1 landscape(s), 1 error(s), 0 warning(s), 0 accepted",
    ]
