"""api.test, auth.test, apps.connections.open and team.info."""

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state.users import APP_ID, BOT_ID, TEAM_ID
from incident_copilot.sandbox.state.workspace import TEAM_NAME
from incident_copilot.sandbox.wire import Json, Refused, new_id


def _api_test(call: Call) -> Json:
    if "error" in call.args:
        raise Refused(call.text("error"), args=call.args)
    return {"args": call.args}


def _auth_test(call: Call) -> Json:
    bot = call.workspace.bot
    identity = {"team": TEAM_NAME, "user": bot.name, "team_id": TEAM_ID, "user_id": bot.id, "bot_id": BOT_ID}
    return {"url": call.workspace.team_wire()["url"], "app_id": APP_ID, "is_enterprise_install": False} | identity


def _auth_teams_list(_: Call) -> Json:
    return {"teams": [{"id": TEAM_ID, "name": TEAM_NAME}], "response_metadata": {"next_cursor": ""}}


def _connections_open(call: Call) -> Json:
    return {"url": call.workspace.base_url.replace("http", "ws", 1) + f"/socket/{new_id('')}"}


def _team_info(call: Call) -> Json:
    if call.text("team", TEAM_ID) != TEAM_ID:
        raise Refused("team_not_found", call.text("team"))
    return {"team": call.workspace.team_wire()}


METHODS = (
    method("api.test", _api_test, "", "error foo", reads=True, per_minute=100),
    method("auth.test", _auth_test, reads=True, per_minute=600),
    method("auth.teams.list", _auth_teams_list, "", "cursor limit include_icon", reads=True, per_minute=20),
    method("apps.connections.open", _connections_open, reads=True, app_token=True),
    method("team.info", _team_info, "", "domain team", "team:read", reads=True),
)
