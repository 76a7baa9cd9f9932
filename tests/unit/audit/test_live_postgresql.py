from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pytest

from plat.audit.live.postgresql import findings
from plat.audit.live.postgresql_catalogue import Catalogue, Grant, Owned, Role
from plat.findings import Finding
from policies.ground import Ground
from tests.unit.audit.conftest import plan_of

ORDERING = "ordering--postgresql"
SOUND = Catalogue(
    roles=(Role("ordering"), Role("postgres", ("SUPERUSER", "CREATEROLE"))),
    members=(),
    databases=(("ordering", "ordering"), ("postgres", "postgres"), ("template1", "postgres")),
    grants=(),
    owned=(Owned("ordering", "schema", "public", "public", "ordering"),),
    extensions=(("ordering", "plpgsql"),),
)


def found(market: Ground, **differing: tuple[object, ...]) -> list[Finding]:
    catalogue = dataclasses.replace(SOUND, **{name: (*getattr(SOUND, name), *more) for name, more in differing.items()})
    return list(findings(catalogue, market.servers[ORDERING], market))


def said(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """Each as its rule, whom it is about, and the statement that takes it away."""
    return [(item.rule, item.subject, item.hint.partition(": ")[2]) for item in findings]


def test_what_plat_makes_is_not_reported(market: Ground) -> None:
    assert found(market) == []


def table(grantee: str, privilege: str = "SELECT") -> Grant:
    return Grant("ordering", "table", "public", "orders", "ordering", grantee, privilege)


@pytest.mark.parametrize(
    ("grant", "subject", "statement"),
    [
        (
            table("billing"),
            "SELECT on table `public.orders` of database `ordering` for `billing` in ordering--postgresql",
            'REVOKE SELECT ON TABLE "public"."orders" FROM "billing"',
        ),
        (
            Grant("ordering", "database", "", "ordering", "ordering", "PUBLIC", "CONNECT"),
            "CONNECT on database `ordering` for `PUBLIC` in ordering--postgresql",
            'REVOKE CONNECT ON DATABASE "ordering" FROM PUBLIC',
        ),
        (
            Grant("ordering", "column", "public", "orders.total", "ordering", "billing", "UPDATE"),
            "UPDATE on column `public.orders.total` of database `ordering` for `billing` in ordering--postgresql",
            'REVOKE UPDATE ("total") ON "public"."orders" FROM "billing"',
        ),
        (
            Grant("ordering", "function", "public", "twice(n integer)", "ordering", "PUBLIC", "EXECUTE"),
            "EXECUTE on function `public.twice(n integer)` of database `ordering` for `PUBLIC` in ordering--postgresql",
            'REVOKE EXECUTE ON FUNCTION "public"."twice"(n integer) FROM PUBLIC',
        ),
        (
            Grant("ordering", "default", "", "tables", "ordering", "billing", "SELECT"),
            "SELECT on tables that `ordering` will make in database `ordering` for `billing` in ordering--postgresql",
            'ALTER DEFAULT PRIVILEGES FOR ROLE "ordering" REVOKE SELECT ON TABLES FROM "billing"',
        ),
    ],
)
def test_a_grant_to_another_is_one_on_a_datastore_that_it_does_not_own(
    market: Ground, grant: Grant, subject: str, statement: str
) -> None:
    assert said(found(market, grants=(grant,))) == [("datastore-ownership", subject, statement)]


def test_a_grant_says_whose_the_datastore_is_and_which_tables_it_opens(market: Ground) -> None:
    (finding,) = found(market, grants=(table("billing", "DELETE"),))

    assert "`billing` (billing-team) writes to datastore `ordering--postgresql` (tables orders)" in finding.message
    assert "which belongs to `ordering`" in finding.message


def test_what_an_administrator_has_opened_in_the_contexts_own_database_to_itself_is_no_finding(market: Ground) -> None:
    own = Grant("ordering", "table", "public", "imported", "postgres", "ordering", "SELECT")

    assert found(market, grants=(own,)) == []


def test_a_right_on_the_servers_own_database_is_found(market: Ground) -> None:
    grant = Grant("postgres", "database", "", "postgres", "postgres", "PUBLIC", "CONNECT")

    assert [item.rule for item in found(market, grants=(grant,))] == ["right-beyond-plan"]


def test_roles_and_what_they_may_do_beyond_grants_are_found(market: Ground) -> None:
    catalogue = dataclasses.replace(
        SOUND,
        roles=(Role("ordering", ("SUPERUSER", "BYPASSRLS")), Role("postgres", ("SUPERUSER",)), Role("mallory")),
        members=(("ordering", "mallory"), ("pg_read_server_files", "ordering")),
    )

    assert {item[::2] for item in said(findings(catalogue, market.servers[ORDERING], market))} == {
        ("way-round-the-fence", 'ALTER ROLE "ordering" NOSUPERUSER NOBYPASSRLS'),
        ("datastore-ownership", 'DROP ROLE "mallory"'),
        ("datastore-ownership", 'REVOKE "ordering" FROM "mallory"'),
        ("way-round-the-fence", 'REVOKE "pg_read_server_files" FROM "ordering"'),
    }


def test_foreign_databases_owners_extensions_and_servers_are_found(market: Ground) -> None:
    hints = [
        item[2]
        for item in said(
            found(
                market,
                databases=(("other", "postgres"),),
                owned=(Owned("ordering", "table", "public", "spied", "billing"),),
                extensions=(("ordering", "dblink"), ("ordering", "pgcrypto")),
                foreign=(("ordering", "elsewhere"),),
                open_future=(("ordering", "ordering"),),
            )
        )
    ]

    assert hints == [
        'DROP DATABASE "other", once nobody needs what is in it',
        'ALTER DEFAULT PRIVILEGES FOR ROLE "ordering" REVOKE EXECUTE ON ROUTINES FROM PUBLIC',
        'ALTER TABLE "public"."spied" OWNER TO "ordering"',
        'DROP EXTENSION "dblink"',
        'DROP SERVER "elsewhere" CASCADE',
    ]


def test_a_database_of_another_owner_is_found(market: Ground) -> None:
    catalogue = dataclasses.replace(SOUND, databases=(("ordering", "billing"), ("postgres", "postgres")))

    assert [item[::2] for item in said(findings(catalogue, market.servers[ORDERING], market))] == [
        ("datastore-ownership", 'ALTER DATABASE "ordering" OWNER TO "ordering"')
    ]


def test_names_are_quoted_as_postgresql_reads_them(market: Ground) -> None:
    (finding,) = found(market, roles=(Role('o"r'),))

    assert finding.hint.endswith('DROP ROLE "o""r"')


def test_what_is_missing_is_found(market: Ground) -> None:
    bare = Catalogue(roles=(Role("postgres", ("SUPERUSER",)),), members=(), databases=(("postgres", "postgres"),), grants=())
    shut = dataclasses.replace(SOUND, roles=(Role("ordering", login=False), Role("postgres")))

    assert [item.subject for item in findings(bare, market.servers[ORDERING], market)] == [
        "role `ordering`",
        "database `ordering`",
    ]
    assert [item.subject for item in findings(shut, market.servers[ORDERING], market)] == [
        "the right of role `ordering` to log in"
    ]


@pytest.fixture(scope="module")
def emporium() -> Ground:
    return Ground.of(plan_of("emporium.local"))


def granted_in(ground: Ground) -> tuple[str, Catalogue]:
    """A server of the landscape in which contexts have schemas and one reads another's views, as it has to be."""
    contract = ground.plan.contracts[0]
    server = ground.servers[contract.server]
    stores = [store for store in ground.plan.datastores if store.server == server.name]
    contracts = [item for item in ground.plan.contracts if item.server == server.name]
    roles = sorted({store.role for store in stores} | {item.role for item in contracts})
    grants, owned = [], []
    for store in stores:
        if store.schema:
            grants.append(Grant(store.database, "database", "", store.database, server.admin_user, store.role, "CONNECT"))
            grants += [
                Grant(store.database, "schema", store.schema, store.schema, server.admin_user, store.role, right)
                for right in ("USAGE", "CREATE")
            ]
            owned.append(Owned(store.database, "schema", store.schema, store.schema, server.admin_user))
    for item in contracts:
        grants += [
            Grant(item.database, "database", "", item.database, server.admin_user, item.role, "CONNECT"),
            Grant(item.database, "schema", item.schema, item.schema, server.admin_user, item.role, "USAGE"),
            *(
                Grant(item.database, "schema", item.schema, item.schema, server.admin_user, item.owner, right)
                for right in ("USAGE", "CREATE")
            ),
            *(Grant(item.database, "table", item.schema, view.name, item.owner, item.role, "SELECT") for view in item.views),
        ]
        owned.append(Owned(item.database, "schema", item.schema, item.schema, server.admin_user))
        owned += [Owned(item.database, "table", item.schema, view.name, item.owner) for view in item.views]
    databases = {store.database: server.admin_user if store.schema else store.role for store in stores}
    return server.name, Catalogue(
        roles=(*(Role(name) for name in roles), Role(server.admin_user, ("SUPERUSER",))),
        members=(),
        databases=tuple(databases.items()),
        grants=tuple(dict.fromkeys(grants)),
        owned=tuple(owned),
    )


def test_views_of_a_contract_are_granted_to_its_reader_and_nothing_else_is(emporium: Ground) -> None:
    name, catalogue = granted_in(emporium)
    contract, server = emporium.plan.contracts[0], emporium.servers[name]
    beside = Grant(contract.database, "table", contract.provider_schema, "secrets", contract.owner, contract.role, "SELECT")
    more = dataclasses.replace(catalogue, grants=(*catalogue.grants, beside))
    less = dataclasses.replace(catalogue, grants=tuple(item for item in catalogue.grants if item.privilege != "SELECT"))

    assert list(findings(catalogue, server, emporium)) == []
    assert [item.rule for item in findings(more, server, emporium)] == ["datastore-ownership"]
    assert [item.rule for item in findings(less, server, emporium)] == ["right-missing"] * len(contract.views)
