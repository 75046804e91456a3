"""views.open, push, update and publish."""

from incident_copilot.sandbox.conformance import check_view
from incident_copilot.sandbox.methods.call import Call, method
from incident_copilot.sandbox.state.views import View
from incident_copilot.sandbox.wire import Json, Refused


def _open(call: Call) -> Json:
    content = _content(call, "modal")
    user = call.workspace.views.redeem(call.text("trigger_id"))
    return _shown(call, call.workspace.views.open(user, content))


def _push(call: Call) -> Json:
    content = _content(call, "modal")
    user = call.workspace.views.redeem(call.text("trigger_id"))
    return _shown(call, call.workspace.views.push(user, content))


def _update(call: Call) -> Json:
    views = call.workspace.views
    view = views.find(call.text("view_id") or None, call.text("external_id") or None)
    content = _content(call, view.content["type"])
    return _shown(call, views.update(view, content, call.text("hash") or None))


def _publish(call: Call) -> Json:
    content = _content(call, "home")
    user = call.user("user_id")
    return _shown(call, call.workspace.views.publish(user.id, content, call.text("hash") or None))


def _content(call: Call, kind: str) -> Json:
    view = call.json("view", "invalid_arguments")
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", "view is not an object")
    check_view(view, kind)
    return view


def _shown(call: Call, view: View) -> Json:
    call.workspace.changes.announce()
    return {"view": view.wire()}


METHODS = (
    method("views.open", _open, "view trigger_id", "interactivity_pointer", per_minute=100),
    method("views.push", _push, "view trigger_id", "interactivity_pointer", per_minute=100),
    method("views.update", _update, "view", "view_id external_id hash", per_minute=100),
    method("views.publish", _publish, "user_id view", "hash interactivity_pointer", per_minute=100),
)
