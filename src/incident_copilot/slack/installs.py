"""Installations as the running copilot sees them: whose token it is, and what Slack says when one is over."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident_copilot.domain.installation import Installation
from incident_copilot.domain.log import LogKind
from incident_copilot.pipeline import ledger
from incident_copilot.pipeline.deps import Deps
from incident_copilot.slack.seal import Seal
from incident_copilot.store import installations
from incident_copilot.store.db import CLICKS

log = logging.getLogger(__name__)

ANY = "*"


@dataclass(frozen=True)
class Place:
    """A workspace of Slack as a request names it; empty where it names none."""

    enterprise_id: str = ""
    team_id: str = ""


def place_of(said: Mapping[str, Any]) -> Place:
    """Return where a request comes from; events, commands, clicks and forms each name it otherwise."""
    team, enterprise = said.get("team") or {}, said.get("enterprise") or {}
    team_id = said.get("team_id") or (team.get("id") if isinstance(team, dict) else team)
    enterprise_id = said.get("enterprise_id") or (enterprise.get("id") if isinstance(enterprise, dict) else None)
    return Place(str(enterprise_id or ""), str(team_id or ""))


class Installs:
    """The installations of one database; `home` is the name under which the first one keeps its rows."""

    def __init__(self, seal: Seal, home: str, allowed: tuple[str, ...] = ()) -> None:
        self._seal = seal
        self._home = home
        self._allowed = allowed

    async def token(self, deps: Deps, workspace_id: str) -> str:
        """Return the bot's token; empty where the app is not installed there, or no key opens it.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with deps.db.read() as db:
            found = await installations.of(db, workspace_id)
        if found is None or not found.is_live:
            return ""
        token = self._seal.open(found.sealed)
        if token is None:
            log.error("COPILOT_INSTALL_KEY does not open the token of %s: name the older key after it", workspace_id)
        return token or ""

    async def workspace_at(self, deps: Deps, place: Place) -> str | None:
        """Return the name under which a place's rows are kept, None where the app is not installed there.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with deps.db.read() as db:
            found = await installations.at(db, place.enterprise_id, place.team_id)
        return found.workspace_id if found and found.is_live else None

    async def live(self, deps: Deps) -> list[str]:
        """Return the names of all workspaces that it is installed in. Raises StoreUnavailable."""
        async with deps.db.read() as db:
            return [one.workspace_id for one in await installations.every(db) if one.is_live]

    async def add(self, deps: Deps, granted: Mapping[str, Any]) -> Installation | None:
        """Keep what Slack granted, as `oauth.v2.access` tells it; None where that workspace is not allowed.

        Raises:
            StoreUnavailable: nothing was kept.
        """
        place = place_of(granted)
        is_whole = bool(granted.get("is_enterprise_install"))
        key = place.enterprise_id if is_whole else place.team_id
        async with deps.db.transaction(CLICKS) as tx:
            before = await installations.at(tx, place.enterprise_id, "" if is_whole else place.team_id)
            others = await installations.every(tx)
            if not self._is_allowed(place, is_first=not others or before is not None):
                return None
            same = before if before and before.team_id == ("" if is_whole else place.team_id) else None
            made = Installation(
                workspace_id=same.workspace_id if same else self._name(key, others),
                enterprise_id=place.enterprise_id,
                team_id="" if is_whole else place.team_id,
                bot_user_id=str(granted.get("bot_user_id", "")),
                bot_id=str(granted.get("bot_id", "")),
                scopes=tuple(filter(None, str(granted.get("scope", "")).split(","))),
                sealed=self._seal.close(str(granted["access_token"])),
                installed_by=str((granted.get("authed_user") or {}).get("id", "somebody")),
                installed_at=deps.now(),
            )
            await installations.save(tx, made)
            payload = {"workspace": made.workspace_id, "team": key}
            await ledger.write(tx, deps, None, LogKind.INSTALLED, made.installed_by, payload)
        return made

    async def noticed(self, deps: Deps, said: Mapping[str, Any]) -> bool:
        """Forget the token of an installation that Slack says is over; False for any other event.

        Raises:
            StoreUnavailable: nothing was recorded; Slack delivers it again.
        """
        event = said.get("event") or {}
        is_revoked = event.get("type") == "tokens_revoked" and bool((event.get("tokens") or {}).get("bot"))
        if event.get("type") != "app_uninstalled" and not is_revoked:
            return False
        place = place_of(said)
        async with deps.db.transaction(CLICKS) as tx:
            found = await installations.at(tx, place.enterprise_id, place.team_id)
            if found and found.is_live:
                over = found.model_copy(update={"sealed": "", "revoked_at": deps.now()})
                await installations.save(tx, over)
                payload = {"workspace": found.workspace_id, "why": str(event["type"])}
                await ledger.write(tx, deps, None, LogKind.UNINSTALLED, "copilot", payload)
                log.warning("the app is no longer installed in %s: %s", found.workspace_id, event["type"])
        return True

    async def renew(self, deps: Deps) -> None:
        """Encrypt with the newest key what an older one encrypted. Raises StoreUnavailable."""
        async with deps.db.transaction() as tx:
            for one in await installations.every(tx):
                sealed = self._seal.renewed(one.sealed) if one.is_live else None
                if sealed:
                    await installations.save(tx, one.model_copy(update={"sealed": sealed}))

    def _is_allowed(self, place: Place, *, is_first: bool) -> bool:
        """Without a list only the first workspace may: whoever installs the app can ask it things."""
        if not self._allowed:
            return is_first
        return bool({ANY, place.team_id, place.enterprise_id} & set(self._allowed))

    def _name(self, key: str, others: list[Installation]) -> str:
        """The first keeps its rows under the name that a copilot of one workspace uses, so that it finds its own."""
        return key if any(one.workspace_id == self._home for one in others) else self._home
