"""Draws everything the bot can show, on the sandbox's own page, as HTML and PNG into var/gallery/: `make gallery`."""

import asyncio
import html
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from chromium import launched, visit
from gallery_entries import entries
from playwright.async_api import expect

from incident_copilot.sandbox import Sandbox
from incident_copilot.slack.calls import call, connected
from incident_copilot.slack.manifest import manifest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "gallery"
PAGE = ROOT / "src" / "incident_copilot" / "sandbox" / "page"
VIEWER = "U0ANA"
HEIGHT = 2_600
"""So high that what a person would scroll to is in the picture."""
HEAD = """<!doctype html><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="style.css">
<style>body {{ overflow: auto; padding: 1rem; max-width: 60rem }} .said {{ color: #666; margin: .3rem 0 1rem }}
section {{ border-top: 1px solid #ccc; padding: 1rem 0 }} .dialog, .home {{ position: static }}</style>
"""


async def draw(folder=FOLDER, chosen=None):
    """Write a page and a picture of each entry, index.html with all of them, and names.txt."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(PAGE / "style.css", folder)
    wanted = [entry for entry in entries() if not chosen or entry.name in chosen]
    troubles, sections = [], []
    async with _workspace() as (sandbox, client), launched() as browser:
        page = await visit(browser, troubles, sandbox.page_url, height=HEIGHT)
        for entry in wanted:
            node = await DRAWN[entry.surface](page, sandbox, client, entry)
            await node.screenshot(path=folder / f"{entry.name}.png", animations="disabled")
            sections.append(_section(entry, await node.evaluate("node => node.outerHTML")))
            (folder / f"{entry.name}.html").write_text(HEAD.format(title=entry.name) + sections[-1], encoding="utf-8")
            await _clear(page, sandbox)
        sandbox.assert_conformant()
    (folder / "index.html").write_text(HEAD.format(title="Gallery") + "\n".join(sections), encoding="utf-8")
    names = [f"{entry.name}\t{entry.surface}\t{entry.notification}".replace("\n", " / ") for entry in wanted]
    (folder / "names.txt").write_text("\n".join(names) + "\n", encoding="utf-8")
    # The chart of the samples is in no workspace.
    return [one for one in troubles if not one.startswith("Failed to load resource")]


@asynccontextmanager
async def _workspace():
    async with (
        Sandbox.running(manifest=manifest(), speed=1_000) as sandbox,
        connected(sandbox.bot_token, sandbox.base_url) as client,
    ):
        await call(client, "conversations.join", repeatable=True, channel=sandbox.channel("#general").id)
        yield sandbox, client


async def _message(page, sandbox, client, entry):
    room = sandbox.channel("#general").id
    given = {"channel": room, "text": entry.shown.text}
    if entry.shown.blocks:
        given["blocks"] = entry.shown.blocks
    if entry.only_one_sees_it:
        posted = await call(client, "chat.postEphemeral", repeatable=False, user=VIEWER, **given)
        ts = posted["message_ts"]
    else:
        ts = (await call(client, "chat.postMessage", repeatable=False, **given))["ts"]
    await _go(page, sandbox, room)
    node = page.locator(f'.message[data-ts="{ts}"]')
    await expect(node).to_be_visible()
    return node


async def _modal(page, sandbox, client, entry):
    await call(
        client,
        "views.open",
        repeatable=False,
        trigger_id=sandbox.workspace.views.new_trigger(VIEWER),
        view=entry.shown,
    )
    await expect(page.locator("#modal-title")).to_be_visible()
    return page.locator(".dialog")


async def _home(page, sandbox, client, entry):
    await call(client, "views.publish", repeatable=True, user_id=VIEWER, view=entry.shown)
    await _go(page, sandbox, sandbox.dm(VIEWER).id)
    node = page.locator(".home-page")
    await expect(node).to_contain_text(entry.shown["blocks"][0]["text"]["text"])
    return node


DRAWN = {"message": _message, "ephemeral": _message, "modal": _modal, "home": _home}


async def _go(page, sandbox, channel):
    await page.goto(f"{sandbox.page_url}#as={VIEWER}&channel={channel}")


async def _clear(page, sandbox):
    sandbox.workspace.views.clear(VIEWER)
    sandbox.workspace.views.homes.clear()
    sandbox.workspace.changes.announce()
    await expect(page.locator("#modal-title, .home-page .blocks")).to_have_count(0)


def _section(entry, drawn):
    said = html.escape(entry.notification)
    return (
        f'<section id="{entry.name}"><h2>{entry.name}</h2><p class="said">{entry.surface}: {said}</p>{drawn}</section>'
    )


if __name__ == "__main__":
    found = asyncio.run(draw(chosen=set(sys.argv[1:])))
    sys.stdout.write(f"{FOLDER.relative_to(ROOT)}/index.html is written\n" + "".join(f"{one}\n" for one in found))
    sys.exit(bool(found))
