"""Installation: the app in one workspace, or in a whole Enterprise organisation."""

from incident_copilot.domain.base import Frozen, Utc


class Installation(Frozen):
    """One installation; `team_id` is empty where it is for the whole organisation.

    `sealed` is the bot's token, encrypted; it is empty once it was uninstalled or revoked.
    """

    workspace_id: str
    enterprise_id: str = ""
    team_id: str = ""
    bot_user_id: str
    bot_id: str
    scopes: tuple[str, ...] = ()
    sealed: str
    installed_by: str
    installed_at: Utc
    revoked_at: Utc | None = None

    @property
    def is_live(self) -> bool:
        """Whether it was not uninstalled."""
        return self.revoked_at is None
