"""`print`, as typed: the postmortem in each form, and what stands in the way, with the fix."""

import asyncio
from datetime import UTC, datetime

import pytest

from environment import own_environment
from incident_copilot import print_commands, printing
from incident_copilot.domain.postmortem import Line, Postmortem, Section
from incident_copilot.errors import ConfigError
from incident_copilot.store import postmortems
from incident_copilot.store.db import Db
from incident_copilot.store.postmortems import StoredPostmortem
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]


SUMMARY = Section(key="summary", heading="Summary", lines=(Line(text="It failed."),))
WRITTEN = StoredPostmortem(
    postmortem=Postmortem(
        incident_id="i",
        label="INC-1",
        title="It fails",
        written_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
        sections=(SUMMARY,),
    ),
    markdown="# INC-1\n",
    html="<h1>INC-1</h1>",
)


@pytest.fixture
def reviewed(own_environment, sqlite_url, open_incident):
    """INC-1 with a postmortem, INC-2 without, INC-3 in private."""

    async def write():
        db = Db.open(sqlite_url)
        opened = await open_incident(db, workspace_id="default")
        await open_incident(db, workspace_id="default")
        await open_incident(db, workspace_id="default", private=True)
        written = WRITTEN.postmortem.model_copy(update={"incident_id": opened.id})
        async with db.transaction() as tx:
            await postmortems.save(tx, WRITTEN.model_copy(update={"postmortem": written}))
        await db.close()

    asyncio.run(write())


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """`browser(script)`: a chromium of this machine that does what the script says."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def installed(script):
        path = folder / "chromium"
        path.write_text(script)
        path.chmod(0o755)
        return path

    return installed


def test_each_form_is_what_it_says():
    made = {form: make(WRITTEN).decode() for form, (_, make) in print_commands.FORMS.items() if form != "pdf"}

    assert (made["md"], made["html"]) == ("# INC-1\n", "<h1>INC-1</h1>")
    assert made["doc"].endswith("<body>\n<h1>INC-1</h1>\n</body></html>\n")


@pytest.mark.usefixtures("reviewed")
def test_pdf_is_printed_by_the_browser_of_the_machine(typed, tmp_path, browser):
    browser('#!/bin/sh\nfor one in "$@"; do case $one in --print-to-pdf=*) echo PDF > "${one#*=}";; esac; done\n')

    code, said, _ = typed("print", "INC-1", "--out", str(tmp_path / "it.pdf"))

    assert (code, said) == (0, f"{tmp_path}/it.pdf is written.\n")
    assert (tmp_path / "it.pdf").read_text() == "PDF\n"


@pytest.mark.parametrize(
    ("script", "because"),
    [
        ("#!/bin/sh\necho 'no display' >&2\nexit 1\n", "no display"),
        ("#!/bin/sh\nexit 3\n", "exit code 3"),
        ("#!/nowhere\n", "No such file or directory"),
    ],
)
def test_browser_that_does_not_print_is_named(browser, script, because):
    path = browser(script)

    with pytest.raises(ConfigError, match=rf"{path} printed nothing \(.*{because}"):
        printing.pdf("<h1>INC-1</h1>")


@pytest.mark.usefixtures("browser")
def test_machine_without_a_browser_is_told_what_to_install():
    with pytest.raises(ConfigError, match="neither is installed; install the package chromium"):
        printing.pdf("<h1>INC-1</h1>")


@pytest.mark.usefixtures("reviewed")
def test_what_stands_in_the_way_is_said_with_the_fix(typed):
    for words, because in (
        (["INC-1", "--as", "odt"], "there is no form odt; use one of: md, html, doc, pdf"),
        (["INC-1", "--as", "md", "--out", "/"], "/: Is a directory; name another file with --out"),
        (["INC-2", "--as", "md"], "there is no postmortem of INC-2; `/incident postmortem` writes it"),
        (["INC-9", "--as", "md"], "there is no INC-9"),
        (["INC-3", "--as", "md"], "there is no INC-3"),
        (["checkout"], "checkout: write it as INC-42"),
    ):
        assert typed("print", *words) == (1, "", f"{because}\n")
