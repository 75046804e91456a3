"""It worked, it did not: the answers to an outcome that nobody knows, clicked through the sandbox."""

import pytest

from incident_copilot.domain.content import Button, Notice, Press
from incident_copilot.slack.listeners.answering import GONE


@pytest.mark.parametrize("press", [Press.WORKED, Press.DID_NOT])
async def test_answer_to_what_is_not_known_any_more_is_told_so(sandbox, copilot, press):
    button = Button(press=press, label="It worked", value="0" * 32)
    asked = await copilot.show(Notice(text="Did it happen?", buttons=(button,)))

    ack = await sandbox.person("ben").click(asked, press.value)

    assert (ack.ok, await copilot.hears("ben")) == (True, [GONE])
