"""Django's PostgreSQL backend that starts the embedded server before it connects.

Here and not in the settings: reading settings stays cheap (``--help``, ``collectstatic``), and a
process that lost the server, say because somebody killed it, gets it back by reconnecting.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as PostgresClient

from config import embedded


def this_homes_server() -> embedded.Postgres:
    """What the settings put beside this backend."""
    return cast(embedded.Postgres, settings.EMBEDDED_POSTGRES)


class DatabaseClient(PostgresClient):
    """``manage.py dbshell`` with the psql of the package."""

    executable_name = "psql"

    def runshell(self, parameters: Any) -> None:
        server = this_homes_server()
        embedded.ensure(server)
        self.executable_name = str(server.programs / "psql")
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        embedded.ensure(this_homes_server())
        return super().get_new_connection(conn_params)
