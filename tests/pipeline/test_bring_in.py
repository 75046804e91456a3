"""Bringing in: reports of others from a folder or a repository, and incidents of our own once they are reviewed."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from incident_copilot.domain.past_incident import PastIncident
from incident_copilot.domain.postmortem import Line, Part, Postmortem, Section
from incident_copilot.pipeline import bring_in
from incident_copilot.store import past_incidents

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
