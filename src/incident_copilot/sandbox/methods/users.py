"""users.info, list and lookupByEmail."""

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.methods.paging import page
from incident_copilot.sandbox.wire import Json, Refused


def _info(call: Call) -> Json:
    return {"user": call.user().wire()}


def _list(call: Call) -> Json:
    everyone = [user.wire() for user in call.workspace.users.values()]
    members, next_cursor = page(everyone, call, default=1000)
    return {
        "members": members,
        "cache_ts": int(call.workspace.now()),
        "response_metadata": {"next_cursor": next_cursor},
    }


def _lookup_by_email(call: Call) -> Json:
    for user in call.workspace.people:
        if user.email == call.text("email").lower():
            return {"user": user.wire()}
    raise Refused("users_not_found", call.text("email"))


METHODS = (
    method("users.info", _info, "user", "include_locale", "users:read", reads=True, per_minute=100),
    method("users.list", _list, "", "cursor include_locale limit team_id", "users:read", reads=True, per_minute=20),
    method("users.lookupByEmail", _lookup_by_email, "email", "", "users:read.email", reads=True),
)
