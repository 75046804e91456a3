"""usergroups.list and usergroups.users.list."""

from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state.users import TEAM_ID
from incident_copilot.sandbox.state.workspace import Usergroup
from incident_copilot.sandbox.wire import Json, Refused


def _list(call: Call) -> Json:
    with_users = call.flag("include_users")
    return {"usergroups": [_wire(group, with_users) for group in call.workspace.usergroups.values()]}


def _users_list(call: Call) -> Json:
    group = call.workspace.usergroups.get(call.text("usergroup"))
    if group is None:
        raise Refused("no_such_subteam", call.text("usergroup"))
    return {"users": list(group.users)}


def _wire(group: Usergroup, with_users: bool) -> Json:
    wire: Json = {
        "id": group.id,
        "team_id": TEAM_ID,
        "is_usergroup": True,
        "is_subteam": True,
        "is_external": False,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_delete": 0,
        "user_count": len(group.users),
    }
    return wire | ({"users": list(group.users)} if with_users else {})


METHODS = (
    method("usergroups.list", _list, "", "include_count include_disabled include_users team_id", "usergroups:read",
           reads=True, per_minute=20),
    method("usergroups.users.list", _users_list, "usergroup", "include_disabled team_id", "usergroups:read",
           reads=True, per_minute=20),
)  # fmt: skip
