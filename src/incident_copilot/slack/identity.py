"""Who the copilot is in its workspace; asked once."""

from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from incident_copilot.slack.calls import CLICK_S, granted, read, read_whole


@dataclass(frozen=True)
class Me:
    """The copilot's ids, and where its workspace is; `enterprise_id` is None outside of an Enterprise organisation."""

    user_id: str
    bot_id: str
    team_id: str
    enterprise_id: str | None = None
    url: str = ""
    team: str | None = None
    """Where channels are opened with a token of a whole organisation; None with that of one workspace."""
    scopes: frozenset[str] | None = None
    """What the token may do, None where Slack does not say."""

    def is_of_our_place(self, user: dict[str, Any]) -> bool:
        """Whether a user of `users.info` belongs to this workspace or its organisation."""
        enterprise = (user.get("enterprise_user") or {}).get("enterprise_id")
        same_organisation = self.enterprise_id is not None and enterprise == self.enterprise_id
        return same_organisation or user.get("team_id") in (None, "", self.team_id)


class Identity:
    """Answers who the copilot is."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self.known: Me | None = None

    async def me(self) -> Me:
        """Return the copilot's own ids.

        Raises:
            ChatUnavailable: Slack does not say now.
            ChatRefused: the token is not valid.
        """
        if self.known is None:
            said, headers = await read_whole(self._client, "auth.test", deadline_s=CLICK_S)
            self.known = Me(
                user_id=str(said.get("user_id", "")),
                bot_id=str(said.get("bot_id", "")),
                team_id=str(said.get("team_id", "")),
                enterprise_id=said.get("enterprise_id") or None,
                url=str(said.get("url", "")),
                team=await self._first_team() if said.get("is_enterprise_install") else None,
                scopes=granted(headers),
            )
        return self.known

    async def _first_team(self) -> str | None:
        """Return the first of the workspaces that an organisation has let the app into."""
        said = await read(self._client, "auth.teams.list", deadline_s=CLICK_S)
        return next((str(team["id"]) for team in said.get("teams") or []), None)
