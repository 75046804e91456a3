"""Modals and the Home tab: triggers, the stack, what people fill in and what the app answers."""

import pytest
from slack_sdk.errors import SlackApiError

from incident_copilot.sandbox import Refused, Sandbox, Timing


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": plain(value), "value": value}


def field(block_id, optional=False, **element):
    element = {"type": "plain_text_input", "action_id": "value"} | element
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": element, "optional": optional}


def modal(*blocks, title="Declare", **more):
    blocks = list(blocks) or [field("title")]
    return {"type": "modal", "title": plain(title), "submit": plain("Send"), "blocks": blocks, **more}


HOME = {
    "type": "home",
    "blocks": [
        {"type": "section", "text": plain("Welcome")},
        {"type": "actions", "elements": [{"type": "button", "action_id": "refresh", "text": plain("Refresh")}]},
    ],
}


async def error_of(call):
    with pytest.raises(SlackApiError) as failed:
        await call
    return failed.value.response["error"]


@pytest.fixture
async def trigger(sandbox, raw):
    """A fresh trigger of Ana's at each call."""

    async def new():
        await sandbox.person("ana").shortcut("declare")
        return raw.payloads[-1]["trigger_id"]

    return new


@pytest.fixture
async def opened(sandbox, client, trigger):
    """Opens a modal for Ana and gives the view."""

    async def open_view(view):
        await client.views_open(trigger_id=await trigger(), view=view)
        return sandbox.person("ana").views[-1]

    return open_view


async def test_a_trigger_opens_one_modal(sandbox, client, trigger):
    trigger_id = await trigger()
    answer = await client.views_open(trigger_id=trigger_id, view=modal(private_metadata="INC-1"))
    [view] = sandbox.person("ana").views

    assert (view.id, view.title, view.private_metadata) == (answer["view"]["id"], "Declare", "INC-1")
    assert answer["view"]["state"] == {"values": {"title": {"value": {"type": "plain_text_input", "value": None}}}}
    assert (answer["view"]["root_view_id"], answer["view"]["previous_view_id"]) == (view.id, None)
    assert await error_of(client.views_open(trigger_id=trigger_id, view=modal())) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2", view=modal())) == "invalid_trigger_id"
    wrong = client.views_open(trigger_id=trigger_id, view=modal(title="x" * 25))
    assert await error_of(wrong) == "invalid_arguments"


async def test_a_trigger_lives_for_three_seconds(raw_apps, client_of):
    now = [1_795_247_661.0]
    async with Sandbox.running(now=lambda: now[0]) as sandbox:
        app = await raw_apps(sandbox)
        await sandbox.person("ana").shortcut("declare")
        now[0] += 3.1
        body = {"trigger_id": app.payloads[0]["trigger_id"], "view": modal()}
        answer = await client_of(sandbox).api_call("views.open", json=body, ok=False)

    assert answer["error"] == "expired_trigger_id"
    assert [str(one) for one in sandbox.refused] == ["views.open: expired_trigger_id (3.1 s after the interaction)"]


async def test_modals_stack_three_deep(sandbox, client, trigger, opened):
    first = await opened(modal(external_id="one"))
    pushed = await client.views_push(trigger_id=await trigger(), view=modal(title="Two"))
    await client.views_push(trigger_id=await trigger(), view=modal(title="Three"))

    assert (pushed["view"]["root_view_id"], pushed["view"]["previous_view_id"]) == (first.id, first.id)
    assert [view.title for view in sandbox.person("ana").views] == ["Declare", "Two", "Three"]
    assert await error_of(client.views_push(trigger_id=await trigger(), view=modal())) == "push_limit_reached"
    twin = client.views_open(trigger_id=await trigger(), view=modal(external_id="one"))
    assert await error_of(twin) == "duplicate_external_id"


async def test_a_push_without_a_modal_is_the_first_one(sandbox, client, trigger):
    await client.views_push(trigger_id=await trigger(), view=modal())

    assert len(sandbox.person("ana").views) == 1


async def test_an_update_keeps_what_was_typed_and_minds_the_hash(sandbox, client, opened):
    view = await opened(modal(field("title"), field("why"), external_id="declare"))
    ana, before = sandbox.person("ana"), view.hash
    view.values["title"]["value"]["value"] = "checkout"
    await client.views_update(view_id=view.id, hash=before, view=modal(field("title"), title="Again"))

    assert (view.title, view.values) == (
        "Again", {"title": {"value": {"type": "plain_text_input", "value": "checkout"}}},
    )  # fmt: skip
    assert await error_of(client.views_update(view_id=view.id, hash=before, view=modal())) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V1", view=modal())) == "not_found"
    await client.views_publish(user_id="U0BEN", view=HOME | {"external_id": "home"})
    await client.views_update(external_id="home", view=HOME)
    assert ana.views == [view]


async def test_the_home_tab_is_published_and_clicked(sandbox, client, raw):
    ana = sandbox.person("ana")
    assert await ana.open_home() is None
    assert await error_of(client.views_publish(user_id="U0ANA", view=HOME, hash="1.a")) == "hash_conflict"
    assert await error_of(client.views_publish(user_id="U0NOBODY", view=HOME)) == "user_not_found"
    first = await client.views_publish(user_id="U0ANA", view=HOME)
    await client.views_publish(user_id="U0ANA", view=HOME, hash=first["view"]["hash"])
    home = await ana.open_home()
    await sandbox.until(lambda: len(raw.events("app_home_opened")) == 2)
    ack = await ana.click(home, "refresh")

    empty, shown = raw.events("app_home_opened")
    assert (empty["user"], empty["tab"], empty["channel"], "view" in empty) == (
        "U0ANA", "home", sandbox.dm("ana").id, False,
    )  # fmt: skip
    assert shown["view"]["id"] == first["view"]["id"]
    assert ack.ok
    assert raw.payloads[0]["container"] == {"type": "view", "view_id": home.id}
    assert (await ana.open_dm()).im_user == "U0ANA"
    await sandbox.until(lambda: raw.events("app_home_opened")[-1]["tab"] == "messages")


async def test_a_form_is_filled_by_text_value_list_or_state(sandbox, raw, opened):
    view = await opened(
        modal(
            field("title", max_length=10, min_length=3),
            field("severity", type="static_select", options=[option("P1"), option("P2")], initial_option=option("P2")),
            field("tags", type="checkboxes", options=[option("db"), option("net")]),
            field("who", type="users_select"),
            field("note", optional=True),
            {
                "type": "section", "block_id": "extra", "text": plain("Extra"),
                "accessory": {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-21"},
            },
        )
    )  # fmt: skip
    ana = sandbox.person("ana")
    short = await ana.submit(view, {"title": "x", "who": "U0BEN", "tags": ["db"]})
    long = await ana.submit(view, {"title": "x" * 11})
    state = {"title": {"value": {"type": "plain_text_input", "value": "checkout"}}}
    day = {"extra": {"day": {"type": "datepicker", "selected_date": "2026-11-22"}}}
    with pytest.raises(Refused, match="invalid_option"):
        await ana.submit(view, {"severity": "P9"})
    sent = await ana.submit(view, state | day)

    assert short.errors == {"title": "Please use at least 3 characters."}
    assert long.errors == {"title": "Please use 10 characters or fewer."}
    assert (sent.ok, sent.errors) == (True, {})
    submitted = next(one for one in raw.payloads if one["type"] == "view_submission")
    assert submitted["view"]["state"]["values"] == {
        "title": {"value": {"type": "plain_text_input", "value": "checkout"}},
        "severity": {"value": {"type": "static_select", "selected_option": option("P2")}},
        "tags": {"value": {"type": "checkboxes", "selected_options": [option("db")]}},
        "who": {"value": {"type": "users_select", "selected_user": "U0BEN"}},
        "note": {"value": {"type": "plain_text_input", "value": None}},
        "extra": {"day": {"type": "datepicker", "selected_date": "2026-11-22"}},
    }
    assert ana.views == []
    with pytest.raises(Refused, match="not_found"):
        await ana.submit(view, {})


async def test_what_the_app_answers_decides_what_happens_to_the_form(sandbox, raw, opened):
    ana, filled = sandbox.person("ana"), {"title": "checkout"}
    view = await opened(modal(clear_on_close=True))

    raw.answers["view_submission"] = {"response_action": "errors", "errors": {"title": "Too vague"}}
    assert (await ana.submit(view, filled)).errors == {"title": "Too vague"}
    raw.answers["view_submission"] = {"response_action": "update", "view": modal(title="Sure?")}
    await ana.submit(view, filled)
    assert [one.title for one in ana.views] == ["Sure?"]
    raw.answers["view_submission"] = {"response_action": "push", "view": modal(title="Really?")}
    await ana.submit(view, filled)
    assert [one.title for one in ana.views] == ["Sure?", "Really?"]
    raw.answers["view_submission"] = {"response_action": "clear"}
    await ana.submit(ana.views[-1], filled)
    assert ana.views == []
    sandbox.assert_conformant()


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"elsewhere": "?"}},
        {"response_action": "errors"},
        {"response_action": "update"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "explode"},
    ],
)
async def test_a_wrong_answer_is_noted_and_keeps_the_form(sandbox, raw, opened, answer):
    view, ana = await opened(modal()), sandbox.person("ana")
    raw.answers["view_submission"] = answer
    ack = await ana.submit(view, {"title": "checkout"})

    assert (ack.ok, ack.error) == (False, "invalid_arguments")
    assert ana.views == [view]
    assert [(one.method, one.error) for one in sandbox.refused] == [("view_submission", "invalid_arguments")]
    assert [one.text for one in ana.notices] == ["We had some trouble connecting. Try again?"]


async def test_a_form_nobody_takes_stays(raw_apps, client_of):
    async with Sandbox.running(timing=Timing(ack_s=0.5)) as sandbox:
        app, ana = await raw_apps(sandbox), sandbox.person("ana")
        await ana.shortcut("declare")
        body = {"trigger_id": app.payloads[0]["trigger_id"], "view": modal()}
        await client_of(sandbox).api_call("views.open", json=body)
        app.silent.add("interactive")
        ack = await ana.submit(ana.views[0], {"title": "x"})

        assert ack.error == "operation_timeout"
        assert len(ana.views) == 1
        assert [one.text for one in ana.notices] == ["We had some trouble connecting. Try again?"]


async def test_closing_is_told_only_where_asked_for(sandbox, raw, opened):
    ana = sandbox.person("ana")
    assert (await ana.close(await opened(modal()))).ok
    assert (await ana.close(await opened(modal(notify_on_close=True)))).ok

    closed = [one for one in raw.payloads if one["type"] == "view_closed"]
    assert [(one["is_cleared"], "trigger_id" in one) for one in closed] == [(False, False)]
    assert ana.views == []


async def test_a_modal_belongs_to_one_person(sandbox, opened):
    view = await opened(modal())

    with pytest.raises(Refused, match="not_found"):
        await sandbox.person("ben").close(view)


async def test_clicks_in_a_modal_carry_what_was_typed(sandbox, raw, opened):
    view = await opened(
        modal(
            field("title"),
            {"type": "actions", "block_id": "acts", "elements": [
                {"type": "button", "action_id": "check", "text": plain("Check"), "value": "v"},
                {"type": "radio_buttons", "action_id": "pick", "options": [option("a"), option("b")]},
                {"type": "static_select", "action_id": "grouped",
                 "option_groups": [{"label": plain("G"), "options": [option("g1")]}]},
                {"type": "external_select", "action_id": "outside"},
            ]},
        )
    )  # fmt: skip
    ana = sandbox.person("ana")
    await ana.click(view, "check", values={"title": {"value": {"value": "checkout"}}, "gone": {"x": {"value": 1}}})
    await ana.click(view, "pick", selected="b")
    await ana.click(view, "pick", selected={"type": "radio_buttons", "selected_option": option("a")})
    await ana.click(view, "grouped", selected="g1")
    await ana.click(view, "outside", selected={"text": plain("x"), "value": "x"})
    check, pick, again, grouped, outside = raw.payloads[1:]

    assert check["view"]["state"]["values"]["title"]["value"]["value"] == "checkout"
    assert pick["actions"][0]["selected_option"] == option("b")
    assert pick["view"]["state"]["values"]["acts"]["pick"]["selected_option"] == option("b")
    assert again["actions"][0]["selected_option"] == option("a")
    assert grouped["actions"][0]["selected_option"] == option("g1")
    assert outside["actions"][0]["selected_option"] == {"text": plain("x"), "value": "x"}


async def test_an_unanswered_click_in_a_modal_is_told(raw_apps, client_of):
    async with Sandbox.running(timing=Timing(ack_s=0.05)) as sandbox:
        ana = sandbox.person("ana")
        await client_of(sandbox).api_call("views.publish", json={"user_id": "U0ANA", "view": HOME})
        ack = await ana.click(ana.home, "refresh")

    assert (ack.ok, ack.error) == (False, "dispatch_failed")
    assert len(ana.notices) == 1


async def test_ids_are_given_inside_cards_carousels_and_containers(sandbox, client):
    button = {"type": "button", "text": plain("Go")}
    card = {"type": "card", "title": plain("A"), "actions": [button]}
    row = {"type": "actions", "elements": [button]}
    blocks = [
        {"type": "carousel", "elements": [card, {"type": "card", "title": plain("B")}]},
        {"type": "container", "title": plain("C"), "child_blocks": [row]},
        {
            "type": "section",
            "text": plain("D"),
            "accessory": {"type": "image", "image_url": "https://x", "alt_text": "x"},
        },
    ]
    await client.views_publish(user_id="U0ANA", view={"type": "home", "blocks": blocks})
    carousel, container, section = sandbox.person("ana").home.blocks

    assert carousel["elements"][0]["actions"][0]["action_id"]
    assert container["child_blocks"][0]["elements"][0]["action_id"]
    assert all(block["block_id"] for block in (carousel, container, section, carousel["elements"][1]))
    assert "action_id" not in section["accessory"]
