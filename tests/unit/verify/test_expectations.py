from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from plat.plan.model import SecretRef
from plat.verify import Cell, expectations
from plat.verify.model import Consume, Get, Key, Publish, RedisCommands, Sql
from tests.unit.verify.plans import small_plan

SHARED = "platform--postgresql"
EVERYBODY = ["billing", "notification", "order-processing", "shipping", "support", "user-management", "(anonymous)"]
CELLS = expectations(small_plan())


def _cell(principal: str, target: str, right: str, cells: Iterable[Cell] = CELLS) -> Cell:
    (found,) = (cell for cell in cells if (cell.principal, cell.door.target, cell.door.right) == (principal, target, right))
    return found


def _rows(cells: Iterable[Cell] = CELLS) -> dict[tuple[str, str], list[str]]:
    rows: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        row = rows.setdefault((cell.door.target, cell.door.right), [])
        if cell.allowed:
            row.append(cell.principal)
    return rows


def test_every_right_is_open_to_whom_a_descriptor_names_and_to_nobody_else() -> None:
    assert _rows() == {
        ("order-processing-postgresql", "database order_processing"): ["order-processing"],
        ("order-processing-postgresql", "CREATE ROLE, in order_processing"): [],
        ("order-processing-postgresql", "database postgres"): [],
        ("order-processing-postgresql", "database template1"): [],
        ("platform--postgresql", "database billing"): ["billing"],
        ("platform--postgresql", "CREATE ROLE, in billing"): [],
        ("platform--postgresql", "database support"): ["support"],
        ("platform--postgresql", "CREATE ROLE, in support"): [],
        ("platform--postgresql", "database postgres"): [],
        ("platform--postgresql", "database template1"): [],
        ("user-management-redis", "read, write"): ["user-management"],
        ("user-management-redis", "ACL LIST"): [],
        ("user-management-redis", "CONFIG GET"): [],
        ("order-processing.events", "publish OrderPlaced.v1"): ["order-processing"],
        ("order-processing.events", "publish any other key"): [],
        ("order-processing.events", "declare anew"): [],
        ("order_queue", "consume"): ["notification"],
        ("order_queue", "declare anew"): [],
        ("order_queue", "bind to another key"): [],
        ("order_queue.dead", "consume"): ["notification"],
        ("order_queue.dead", "declare anew"): [],
        ("order_queue.dead", "bind to another key"): [],
        ("broker", "declare a new queue"): [],
        ("broker", "declare a new exchange"): [],
        ("broker", "send to a queue directly"): [],
        ("broker", "manage over HTTP"): [],
        ("order-processing", "PlaceOrder"): EVERYBODY,
        ("user-management", "GetUser"): ["shipping"],
        ("user-management", "Login"): EVERYBODY,
    }


def test_every_principal_stands_before_every_door_in_the_same_order() -> None:
    rows: dict[tuple[str, str], list[str]] = {}
    for cell in CELLS:
        rows.setdefault((cell.door.target, cell.door.right), []).append(cell.principal)

    assert {tuple(row) for row in rows.values()} == {tuple(EVERYBODY)}


def test_a_cell_says_by_which_relation_it_is_open_or_why_it_is_shut() -> None:
    asked = [
        ("order-processing", "order-processing-postgresql", "database order_processing"),
        ("billing", "order-processing-postgresql", "database order_processing"),
        ("billing", "platform--postgresql", "CREATE ROLE, in billing"),
        ("billing", "platform--postgresql", "database postgres"),
        ("order-processing", "order-processing.events", "publish OrderPlaced.v1"),
        ("notification", "order-processing.events", "publish OrderPlaced.v1"),
        ("notification", "order_queue", "consume"),
        ("billing", "order_queue", "consume"),
        ("billing", "broker", "declare a new queue"),
        ("shipping", "user-management", "GetUser"),
        ("billing", "user-management", "GetUser"),
        ("billing", "user-management", "Login"),
    ]

    assert [_cell(*name).why for name in asked] == [
        "owns order-processing-postgresql",
        "only order-processing owns order-processing-postgresql",
        "only Plat administers platform--postgresql",
        "`postgres` is for administration alone",
        "publishes OrderPlaced.v1",
        "only order-processing publishes OrderPlaced.v1",
        "consumes order-processing.OrderPlaced",
        "only notification reads what it consumes of order-processing.OrderPlaced",
        "only Plat declares queues, exchanges and bindings",
        "declares a use of user-management.GetUser",
        "declares no use of user-management.GetUser",
        "user-management.Login is public",
    ]


def test_an_owner_has_to_work_in_its_store_while_coming_in_is_too_much_for_others() -> None:
    owner = _cell("billing", "platform--postgresql", "database billing").door.action
    other = _cell("support", "platform--postgresql", "database billing").door.action
    user = _cell("user-management", "user-management-redis", "read, write").door.action
    stranger = _cell("support", "user-management-redis", "read, write").door.action

    assert isinstance(owner, Sql)
    assert [statement.split()[0] for statement in owner.statements] == ["CREATE", "INSERT", "SELECT", "DROP"]
    assert other == Sql("billing", ("SELECT 1",))
    assert isinstance(user, RedisCommands)
    assert isinstance(stranger, RedisCommands)
    assert ([command[0] for command in user.commands], user.any_of) == (["SET", "GET", "DEL"], False)
    assert ([command[0] for command in stranger.commands], stranger.any_of) == (["PING", "SET", "GET", "DEL"], True)


def test_everybody_tries_with_its_own_key_and_with_it_under_the_owners_name() -> None:
    database = ("order-processing-postgresql", "database order_processing")

    assert _cell("order-processing", *database).keys == (
        Key("order_processing", SecretRef("datastore/order-processing-postgresql")),
    )
    assert _cell("billing", *database).keys == (
        Key("billing", SecretRef("datastore/billing-postgresql")),
        Key("order_processing", SecretRef("datastore/billing-postgresql")),
    )
    assert _cell("(anonymous)", *database).keys == (Key("order_processing"), Key("postgres"))
    assert _cell("(anonymous)", "order_queue", "consume").keys == (Key("guest", well_known="guest"),)


def test_who_has_no_key_of_the_kind_tries_with_all_that_it_has() -> None:
    token = SecretRef("route/shipping/user-management")

    assert _cell("shipping", "user-management-redis", "read, write").keys == (
        Key("shipping", token),
        Key("user-management", token),
    )
    assert _cell("shipping", "order_queue", "consume").keys == (Key("shipping", token),)
    assert _cell("shipping", "order-processing", "PlaceOrder").keys == (Key("shipping", token),)
    assert _cell("support", "user-management", "GetUser").keys == (Key("support", SecretRef("datastore/support-postgresql")),)


def test_who_has_nothing_at_all_still_tries_under_its_own_name() -> None:
    teams = {**small_plan().teams, "idle": "idle-team"}
    cells = expectations(replace(small_plan(), teams=teams))

    assert _cell("idle", "order_queue", "consume", cells).keys == (Key("idle"),)


def test_a_deployable_that_calls_on_its_own_account_is_tried_too() -> None:
    plan = small_plan()
    route = replace(plan.routes[0], source="storefront", secret=SecretRef("route/storefront/order-processing"))
    cells = expectations(replace(plan, routes=(*plan.routes, route)))

    assert _cell("storefront", "order-processing", "PlaceOrder", cells).keys == (Key("storefront", route.secret),)
    assert _cell("storefront", "order_queue", "consume", cells).allowed is False


def test_without_a_broker_nothing_of_it_is_tried() -> None:
    cells = expectations(replace(small_plan(), broker=None))

    assert {type(cell.door.action) for cell in cells} == {Sql, RedisCommands, Get}


def test_doors_lead_to_the_servers_of_the_plan() -> None:
    publish = _cell("notification", "order-processing.events", "publish OrderPlaced.v1").door
    consume = _cell("notification", "order_queue.dead", "consume").door
    manage = _cell("notification", "broker", "manage over HTTP").door
    call = _cell("notification", "user-management", "GetUser").door

    assert publish.action == Publish("order-processing", "order-processing.events", "OrderPlaced.v1")
    assert consume.action == Consume("order-processing", "order_queue.dead")
    assert manage.action == Get("/api/queues", api=True)
    assert call.action == Get("/GetUser")
    assert [door.port for door in (publish, consume, manage, call)] == [4, 4, 5, 6]


def test_in_a_shared_database_each_schema_is_its_context_s_and_the_rest_is_nobody_s() -> None:
    plan = small_plan()
    servers = [replace(server, shared_database="both") if server.name == SHARED else server for server in plan.servers]
    stores = [
        replace(store, database="both", schema=store.role) if store.server == SHARED else store for store in plan.datastores
    ]
    cells = expectations(replace(plan, servers=tuple(servers), datastores=tuple(stores)))

    assert {right: who for (target, right), who in _rows(cells).items() if target == SHARED} == {
        "schema billing": ["billing"],
        "schema support": ["support"],
        "CREATE ROLE, in both": [],
        "schema public": [],
        "CREATE SCHEMA, in both": [],
        "CREATE TEMPORARY TABLE, in both": [],
        "database postgres": [],
        "database template1": [],
    }
    look = _cell("billing", SHARED, "schema support", cells)
    assert look.door.action == Sql("both", ("SELECT to_regclass('\"support\".plat_verify_probe')",))
    assert look.keys == (
        Key("billing", SecretRef("datastore/billing-postgresql")),
        Key("support", SecretRef("datastore/billing-postgresql")),
    )
