"""The ASGI application and the server that listens."""

import contextlib
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from incident_copilot.errors import ConfigError
from incident_copilot.pipeline.deps import Deps
from incident_copilot.ports import AlertSource
from incident_copilot.web import api, pages
from incident_copilot.web.patience import PatientProtocol
from incident_copilot.web.webhooks import Webhooks

REQUESTS_END_S = 2
"""How long requests under way may take when the server stops; their senders repeat what was not answered."""


def application(
    deps: Deps,
    sources: Mapping[str, AlertSource],
    *,
    page_token: str | None,
    local_only: bool,
    api_token: str | None = None,
    more: Sequence[BaseRoute] = (),
    elsewhere: Mapping[str, Deps] = MappingProxyType({}),
) -> ASGIApp:
    """Return the web application; `more` are Slack's own routes where it is served over HTTP.

    `elsewhere` has what the alert sources of other workspaces are taken in with.
    """
    return Webhooks(
        deps,
        sources,
        Starlette(routes=[*pages.routes(deps, page_token, local_only), *api.routes(deps, api_token), *more]),
        elsewhere=elsewhere,
    )


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the block ends; yields the port that is listened on, which 0 leaves to the system.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody asks who the client is
        timeout_graceful_shutdown=REQUESTS_END_S,
    )
    config.load()
    server = uvicorn.Server(config)
    # Not serve(): it would take over the process's signals, which the program handles itself.
    server.lifespan = config.lifespan_class(config)
    with contextlib.closing(_bound(host, port)) as bound:
        await server.startup(sockets=[bound])
        try:
            yield bound.getsockname()[1]
        finally:
            await server.shutdown(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}; stop what is there or set COPILOT_PORT"
        ) from error
    return bound
