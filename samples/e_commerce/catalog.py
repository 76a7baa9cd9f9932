"""Catalog: which products there are, and their list price.

`POST /AddProduct {"sku", "name", "list_price"}`, `GET /GetProduct?sku=`. In phase 1 products are kept in a schema of the
shop's PostgreSQL, in phase 2 in a MySQL of the catalog's own: which one follows from the descriptor.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

import pymysql

from samples.database import Database, StoreDownError
from samples.environment import Environment
from samples.fields import amount, line
from samples.service import Service, main
from samples.stores import checks_of, open_mysql
from samples.web import Answer, Problem, Request, Route

_SCHEMA = """
CREATE TABLE IF NOT EXISTS product (
    sku varchar(200) PRIMARY KEY, name varchar(200) NOT NULL, list_price numeric(12, 2) NOT NULL
);
"""
_ADD = "INSERT INTO product (sku, name, list_price) VALUES (%(sku)s, %(name)s, %(list_price)s)"
_FIND = "SELECT sku, name, list_price FROM product WHERE sku = %s"

Product = Mapping[str, Any]


class Products(Protocol):
    """Where products are kept. Both methods raise StoreDownError where it does not answer."""

    def add(self, product: Product) -> bool:
        """Takes a product in, and tells whether it was new."""

    def find(self, sku: str) -> Product | None:
        """The product of that stock-keeping unit."""


class InPostgresql:
    """The table `product` in PostgreSQL."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, _SCHEMA)

    def add(self, product: Product) -> bool:
        """As Products says."""
        with self._database.transaction() as connection:
            return connection.execute(f"{_ADD} ON CONFLICT DO NOTHING", product).rowcount == 1

    def find(self, sku: str) -> Product | None:
        """As Products says."""
        with self._database.transaction() as connection:
            return connection.execute(_FIND, (sku,)).fetchone()


class InMysql:
    """The table `product` in MySQL or MariaDB."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._prepared = False

    def add(self, product: Product) -> bool:
        """As Products says."""
        return self._execute(_ADD, product)[0] == 1

    def find(self, sku: str) -> Product | None:
        """As Products says."""
        return next(iter(self._execute(_FIND, (sku,))[1]), None)

    def _execute(self, statement: str, values: Product | tuple[str, ...]) -> tuple[int, list[Product]]:
        """How many rows it has changed, or which it has found."""
        try:
            with open_mysql(self._url) as connection, connection.cursor() as cursor:
                if not self._prepared:
                    cursor.execute(_SCHEMA)
                    self._prepared = True
                changed = cursor.execute(statement, values)
                connection.commit()
                return changed, list(cursor.fetchall())
        except pymysql.err.IntegrityError:
            return 0, []  # it is there already
        except pymysql.err.OperationalError:
            raise StoreDownError from None


class Catalog:
    """What others reach."""

    def __init__(self, products: Products) -> None:
        self._products = products

    def add(self, request: Request) -> Answer:
        """Takes the product in the request's body in."""
        body = request.json()
        product = {"sku": line(body, "sku"), "name": line(body, "name"), "list_price": amount(body, "list_price")}
        if not self._products.add(product):
            raise Problem(HTTPStatus.CONFLICT, "there is a product of that sku")
        return Answer(product, HTTPStatus.CREATED)

    def show(self, request: Request) -> Answer:
        """The product of the query's `sku`."""
        product = self._products.find(line(request.query, "sku"))
        if product is None:
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such product")
        return Answer(product)


def make(environment: Environment) -> Service:
    """Puts the service together. Raises MisconfiguredError where it has neither store."""
    stores = environment.only.datastores
    kind = "mysql" if "mysql" in stores else "postgresql"
    url = environment.datastore(kind)
    catalog = Catalog(InMysql(url) if kind == "mysql" else InPostgresql(url))
    return Service(
        routes={
            "AddProduct": Route({"POST": catalog.add}, "AddProduct"),
            "GetProduct": Route({"GET": catalog.show}, "GetProduct"),
        },
        checks=checks_of({kind: url}),
    )


if __name__ == "__main__":
    main(make)
