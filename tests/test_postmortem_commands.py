"""incident-copilot postmortem: out as a file, and back in, from the command line."""

import asyncio

import pytest

from environment import own_environment
from incident_copilot.domain.postmortem import Line, Postmortem, Section
from incident_copilot.store import postmortems
from incident_copilot.store.db import Db
from incident_copilot.store.postmortems import StoredPostmortem
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def kept(sqlite_url, open_incident, clock):
    """INC-1 with a postmortem of one section."""

    async def write():
        db = Db.open(sqlite_url)
        opened = await open_incident(db, workspace_id="default")
        section = Section(key="lucky", heading="Where we got lucky", lines=(Line(text="It was noon."),))
        value = Postmortem(incident_id=opened.id, label="INC-1", title="t", written_at=clock(), sections=(section,))
        async with db.transaction() as tx:
            await postmortems.save(tx, StoredPostmortem(postmortem=value, markdown="", html=""))
        await db.close()

    asyncio.run(write())


@pytest.mark.usefixtures("kept")
def test_postmortem_is_printed_or_written_to_a_file(typed, tmp_path):
    file = tmp_path / "pm.md"

    code, printed, _ = typed("postmortem", "export", "INC-1")
    wrote = typed("postmortem", "export", "INC-1", "--out", str(file))

    assert (code, wrote) == (0, (0, "", ""))
    assert printed.endswith("<!-- section lucky, version 0 -->\n## Where we got lucky\n\n- It was noon.\n")
    assert file.read_text(encoding="utf-8") == printed
    assert typed("postmortem", "export", "42") == (1, "", "there is no INC-42\n")
    assert typed("postmortem", "import", str(tmp_path / "none.md"), "--as", "U0ANA")[0] == 1


@pytest.mark.usefixtures("kept")
def test_nothing_is_kept_in_the_name_of_somebody_whom_slack_does_not_tell(typed, tmp_path, monkeypatch):
    file = tmp_path / "pm.md"
    typed("postmortem", "export", "INC-1", "--out", str(file))
    monkeypatch.setenv("COPILOT_SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("COPILOT_SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("COPILOT_SLACK_BASE_URL", "http://127.0.0.1:9/api/")

    code, said, told = typed("postmortem", "import", str(file), "--as", "U0ANA")

    assert (code, said) == (1, "")
    assert told.startswith("I could not check who you are just now.")
