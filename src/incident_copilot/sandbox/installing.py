"""How the app is installed by OAuth: the page that asks, the code it hands out, and the end of an installation.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from incident_copilot.sandbox.state.users import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID
from incident_copilot.sandbox.wire import Json, Refused, new_id

CLIENT_ID = "1234567890.sandbox"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - a stand-in's secret is no secret


@dataclass(slots=True)
class Installing:
    """Codes that wait to be exchanged, each once; `is_installed` says whether the bot's token is taken."""

    is_installed: bool = True
    _codes: dict[str, Json] = field(default_factory=dict)

    def allow(self, asked: Json, user: str) -> str:
        """Return where the browser goes when somebody allows it. Raises: Refused as Slack's page does."""
        if asked.get("client_id") != CLIENT_ID:
            raise Refused("invalid_client_id", str(asked.get("client_id")))
        code = new_id("")
        self._codes[code] = {"redirect_uri": asked.get("redirect_uri"), "scope": asked.get("scope", ""), "user": user}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    def exchange(self, given: Json, token: str) -> Json:
        """Return what `oauth.v2.access` answers. Raises: Refused."""
        if (given.get("client_id"), given.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            raise Refused("bad_client_secret" if given.get("client_id") == CLIENT_ID else "invalid_client_id")
        asked = self._codes.pop(str(given.get("code")), None)
        if asked is None:
            raise Refused("invalid_code", "used, or never handed out")
        if asked["redirect_uri"] != given.get("redirect_uri"):
            raise Refused("bad_redirect_uri", str(given.get("redirect_uri")))
        self.is_installed = True
        return {
            "access_token": token,
            "token_type": "bot",
            "scope": asked["scope"],
            "bot_user_id": BOT_USER_ID,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "team": {"id": TEAM_ID, "name": "Sandbox"},
            "enterprise": None,
            "authed_user": {"id": asked["user"]},
            "is_enterprise_install": False,
        }
