"""It helped, it did not help: the answers of people about an action that could not be verified."""

import pytest

from incident_copilot.domain.content import Button, Notice, Press


@pytest.mark.parametrize(("press", "told"), [(Press.HELPED, "it helped"), (Press.NO_HELP, "it did not help")])
async def test_a_click_says_whether_an_action_helped(copilot, press, told):
    await copilot.open()
    put = await copilot.propose()
    button = Button(press=press, label="It helped", value=put.id)
    shown = await copilot.show(Notice(text="Did it help?", buttons=(button,)))

    ack = await copilot.sandbox.person("ana").click(shown, press.value)

    assert (ack.ok, await copilot.hears("ana")) == (True, [f"Noted: {told}."])
    assert (await copilot.stored(put.id)).outcome == f"I{told[1:]}: people looked."
