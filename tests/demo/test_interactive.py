"""make demo: a page opens, an alert fires, and the printed curl sends one's own."""

import asyncio
import json
import re
import webbrowser

import httpx
import pytest

from incident_copilot.demo.interactive import interactive
from quick import TLS


@pytest.fixture
def browser(monkeypatch):
    """A browser that notes what it is asked to open."""
    opened = []

    class Noting(webbrowser.BaseBrowser):
        def open(self, url, new=0, autoraise=True):
            opened.append(url)
            return True

    before = list(webbrowser._tryorder or [])
    webbrowser.register("noting", None, Noting("noting"), preferred=True)
    monkeypatch.setenv("DISPLAY", ":0")
    yield opened
    webbrowser._tryorder[:] = before


async def state_with(http, page, words):
    """The state of the page, once it holds some words."""
    async with asyncio.timeout(30):
        while True:
            state = (await http.get(f"{page}control/state", params={"as": "U0ANA"})).json()
            if words in json.dumps(state):
                return state
            await asyncio.sleep(0.1)


async def test_the_page_opens_an_alert_fires_and_ones_own_can_be_sent(browser, capsys):
    playing = asyncio.create_task(interactive(0, open_page=True))
    async with asyncio.timeout(30):
        while not browser and not playing.done():  # noqa: ASYNC110 -- a browser has no event
            await asyncio.sleep(0.05)
    printed = capsys.readouterr().out
    page = re.search(r"The workspace is at  (\S+)", printed)[1]
    url, secret, body = re.search(r"curl -sS (\S+) -H '(.+)' \\\n.* -d '(.+)'", printed).groups()

    async with httpx.AsyncClient(verify=TLS) as http:
        state = await state_with(http, page, "inc-1-high-5xx-ratio-on-checkout")
        own = await http.post(url, content=body, headers=dict([secret.split(": ")]))
        await state_with(http, page, "inc-2-disk-of-search")
    playing.cancel()
    await asyncio.wait([playing])

    assert browser == [page]
    assert own.json() == {"alerts": 1, "changed": 1}
    assert [scenario["name"] for scenario in state["scenarios"]] == [
        "bad_deploy",
        "llm_provider_outage",
        "no_change",
        "saturated_database",
    ]
    assert state["bot"]["running"]
    assert [link["label"] for link in state["links"]] == ["Metrics of the world"]


@pytest.mark.parametrize("asked", [True, False])
async def test_where_there_is_no_screen_or_nobody_asks_no_browser_opens(browser, monkeypatch, capsys, asked):
    monkeypatch.setattr("sys.platform", "linux")
    if asked:
        monkeypatch.delenv("DISPLAY")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    playing = asyncio.create_task(interactive(0, open_page=asked))
    async with asyncio.timeout(30):
        while "The workspace is at" not in capsys.readouterr().out and not playing.done():  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.05)
    await asyncio.sleep(0)
    playing.cancel()
    await asyncio.wait([playing])

    assert browser == []
