"""What is Slack's: the token and its scopes, the clock, the socket, the channels that settings name."""

from datetime import timedelta

from incident_copilot import app
from incident_copilot.assembly import installs_of
from incident_copilot.doctor.own import clock
from incident_copilot.domain.effect import Place
from incident_copilot.domain.finding import Finding
from incident_copilot.errors import ConfigError
from incident_copilot.settings import Settings
from incident_copilot.settled import places_of, shown, slack_token
from incident_copilot.slack import checkup
from incident_copilot.slack.calls import connected
from incident_copilot.slack.manifest import INSTALL_PATH
from incident_copilot.store import schema

FARTHEST = timedelta(seconds=30)
"""How far Slack's clock may be: requests that seem to be signed at another time are refused."""
_PLACES = {
    Place.ANNOUNCE: "COPILOT_ANNOUNCE_CHANNEL",
    Place.INTERNAL_UPDATES: "COPILOT_INTERNAL_UPDATES_CHANNEL",
    Place.CUSTOMER_UPDATES: "COPILOT_CUSTOMER_UPDATES_CHANNEL",
    Place.OPERATOR: "COPILOT_OPERATOR_CHANNEL",
}


async def token(settings: Settings) -> list[Finding]:
    """See whose the bot's token is, what it may do, and how far Slack's clock is. Raises ChatError, ConfigError."""
    async with connected(await _token(settings), settings.slack_base_url) as client:
        seen = await checkup.who(client)
    found = [Finding("Slack", True, f"the token is that of {seen.user} in {seen.where}"), checkup.scopes(seen.granted)]
    return [*found, clock("Slack clock", seen.at - app.now(), FARTHEST)] if seen.at else found


async def socket(settings: Settings) -> list[Finding]:
    """See whether the app-level token opens sockets; nothing to see over HTTP. Raises ChatError."""
    app_token = shown(settings.slack_app_token)
    if settings.slack_signing_secret or not app_token:
        return []
    async with connected(app_token, settings.slack_base_url) as client:
        await checkup.open_socket(client)
    return [Finding("Slack socket", True, "the app-level token opens sockets")]


async def channels(settings: Settings) -> list[Finding]:
    """See whether each channel is there and open to the copilot. Raises ChatError, ConfigError."""
    wanted = [(name, _PLACES[place]) for place, name in places_of(settings).items()]
    wanted += [(name, "COPILOT_WATCHED_CHANNELS") for name in settings.watched_channels]
    if settings.mode == "shadow":
        wanted = [(settings.shadow_channel, "COPILOT_SHADOW_CHANNEL")]
    async with connected(await _token(settings), settings.slack_base_url) as client:
        return await checkup.channels(client, wanted)


async def _token(settings: Settings) -> str:
    """Return the token of the settings, else that of the home workspace as it was installed.

    Raises:
        ConfigError: there is none, or something that it needs is missing.
    """
    token = slack_token(settings)
    installs = installs_of(settings)
    if token or installs is None:
        return token
    async with app.at_rest(settings) as (deps, _):
        await schema.check_schema(deps.db)
        token = await installs.token(deps, settings.slack_workspace)
    if not token:
        raise ConfigError(f"nobody has installed the app yet: open {settings.public_url}{INSTALL_PATH} in a browser")
    return token
