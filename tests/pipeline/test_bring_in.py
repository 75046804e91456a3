"""Bringing in: reports of others from a folder or a repository, and incidents of our own once they are reviewed."""

import shutil
import subprocess
from dataclasses import replace

import httpx
import pytest

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.domain.postmortem import Line, Part, Postmortem, Section
from incident_copilot.errors import ConfigError
from incident_copilot.pipeline import bring_in
from incident_copilot.store import past_incidents
from quick import TLS

REPORT = "# Orders late\n\n## Cause\n\nDisk full.\n"


async def kept(deps):
    async with deps.db.read() as view:
        return await past_incidents.every(view, deps.workspace_id)


async def test_folder_is_brought_in_once(deps, tmp_path):
    (tmp_path / "one.md").write_text(REPORT)
    (tmp_path / "empty.md").write_text("")

    first = await bring_in.postmortems(deps, str(tmp_path), "team")
    again = await bring_in.postmortems(deps, str(tmp_path), "team")

    problem = "empty.md: no text; a report needs at least one sentence"
    assert first == ["1 postmortems of team: 1 new, 0 changed, 0 as before", problem]
    assert again == ["1 postmortems of team: 0 new, 0 changed, 1 as before", problem]
    assert [(one.id, one.cause) for one in await kept(deps)] == [("team/one", "Disk full.")]


@pytest.fixture
def repository(tmp_path):
    """The address of a repository with one report."""
    if shutil.which("git") is None:
        pytest.skip("no git client")
    place = tmp_path / "reports.git"
    place.mkdir()
    (place / "one.md").write_text(REPORT)
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "One"],
    ):
        subprocess.run(["git", *words], cwd=place, check=True)
    return f"file://{place}"


async def test_repository_is_brought_in_under_its_name(deps, repository):
    assert await bring_in.postmortems(deps, repository) == ["1 postmortems of reports: 1 new, 0 changed, 0 as before"]


async def test_folder_named_by_a_dot_is_called_by_its_own_name(deps, tmp_path, monkeypatch):
    (tmp_path / "one.md").write_text(REPORT)
    monkeypatch.chdir(tmp_path)

    (said,) = await bring_in.postmortems(deps, ".")

    assert said.startswith(f"1 postmortems of {tmp_path.name}: ")


@pytest.mark.parametrize(("changes", "is_kept"), [({}, True), ({"private": True}, False), ({"test": True}, False)])
async def test_incident_of_our_own_is_kept_unless_it_is_private_or_a_drill(
    deps, db, clock, open_incident, changes, is_kept
):
    incident = (await open_incident(db, service="checkout", title="Errors")).model_copy(update=changes)
    written = Postmortem(
        incident_id=incident.id,
        label=incident.label,
        title="Errors in checkout",
        written_at=clock(),
        sections=(
            Section(key="causes", heading="Causes", lines=(Line(text="Release 4.2"),)),
            Section(key="decisions", heading="Decisions", parts=(Part(heading="Roll back"), Part(heading="Resolve"))),
        ),
    )
    async with deps.db.transaction() as tx:
        await bring_in.our_own(tx, replace(deps), incident, written, "# Errors")

    own = PastIncident(
        id=incident.label,
        title="Errors in checkout",
        source="us",
        text="# Errors",
        service="checkout",
        happened_on=clock().date(),
        cause="Release 4.2",
        ended="Roll back; Resolve",
    )
    assert await kept(deps) == ([own] if is_kept else [])


async def test_runbooks_of_a_folder_are_copied_below_the_runbooks(tmp_path):
    (tmp_path / "wiki").mkdir()
    (tmp_path / "wiki" / "disk.md").write_text("# Disk\n\nFull.")
    async with httpx.AsyncClient(verify=TLS) as http:
        said = await bring_in.runbooks(http, tmp_path / "runbooks", str(tmp_path / "wiki"), "Team Wiki")

    folder = tmp_path / "runbooks" / "imported" / "team-wiki"
    assert said == [f"1 runbooks of Team Wiki in {folder}: 1 new, 0 changed, 0 as before, 0 gone"]
    assert (folder / "disk.md").read_text() == "# Disk\n\nFull."


async def test_runbooks_of_a_repository_are_copied(tmp_path, repository):
    async with httpx.AsyncClient(verify=TLS) as http:
        await bring_in.runbooks(http, tmp_path / "runbooks", repository)

    assert (tmp_path / "runbooks" / "imported" / "reports" / "one.md").read_text() == REPORT


async def test_pages_of_a_list_are_fetched_and_kept_while_they_cannot_be(tmp_path, respx_mock):
    listed = tmp_path / "wiki.txt"
    listed.write_text("# ours\n\nhttps://wiki.example/queue?v=1\nhttps://wiki.example/disk\n")
    queue = respx_mock.get("https://wiki.example/queue?v=1").respond(text="<h1>Queue</h1><p>Stuck.</p>")
    disk = respx_mock.get("https://wiki.example/disk").respond(text="# Disk\n\nFull.")
    folder = tmp_path / "imported" / "wiki-txt"
    async with httpx.AsyncClient(verify=TLS) as http:
        first = await bring_in.runbooks(http, tmp_path, str(listed))
        queue.respond(404)
        disk.respond(text="# Disk\n\nVery full.")
        again = await bring_in.runbooks(http, tmp_path, str(listed))

    assert first == [f"2 runbooks of wiki.txt in {folder}: 2 new, 0 changed, 0 as before, 0 gone"]
    assert again[0] == f"1 runbooks of wiki.txt in {folder}: 0 new, 1 changed, 0 as before, 0 gone"
    assert again[1].startswith("https://wiki.example/queue?v=1: runbooks: HTTP 404")
    assert sorted(path.name for path in folder.iterdir()) == ["wiki-example-disk.md", "wiki-example-queue-v-1.md"]
    assert "Source: https://wiki.example/queue?v=1" in (folder / "wiki-example-queue-v-1.md").read_text()


async def test_one_page_is_fetched(tmp_path, respx_mock):
    respx_mock.get("https://wiki.example/team/queue").respond(text="<h1>Queue</h1><p></p><p>Stuck.</p>")
    async with httpx.AsyncClient(verify=TLS) as http:
        (said,) = await bring_in.runbooks(http, tmp_path, "https://wiki.example/team/queue")

    assert said.startswith("1 runbooks of queue in ")


async def test_pages_of_which_none_can_be_read_are_an_error(tmp_path, respx_mock):
    respx_mock.get("https://wiki.example/queue").respond(404)
    async with httpx.AsyncClient(verify=TLS) as http:
        with pytest.raises(ConfigError, match="none of 1 pages could be read; the first: https:"):
            await bring_in.runbooks(http, tmp_path, "https://wiki.example/queue")


def test_list_that_is_none_is_refused_with_the_fix(tmp_path):
    (tmp_path / "odd.txt").write_text("https://wiki.example/x\nwiki.example/y\n")

    with pytest.raises(ConfigError, match=r"address 2 is not one of a page: wiki.example/y; write https://..."):
        bring_in.pages_of(str(tmp_path / "odd.txt"))
    with pytest.raises(ConfigError, match="cannot be read"):
        bring_in.pages_of(str(tmp_path / "none.txt"))
