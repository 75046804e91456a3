"""App Home: one's own work, what runs, who is on call, and reviews that are due; nothing for guests."""

from datetime import UTC, datetime

import slack_samples as given_a

from incident_copilot.domain.incident import Ending, Status
from incident_copilot.domain.postmortem import Postmortem
from incident_copilot.domain.proposal import ProposalKind
from incident_copilot.domain.task import Task
from incident_copilot.pipeline.my_work import Review, Work
from incident_copilot.pipeline.on_call import Called
from incident_copilot.sandbox import Fault
from incident_copilot.slack.views.home import home
from incident_copilot.store import postmortems
from incident_copilot.store.postmortems import StoredPostmortem


async def opened(copilot, who):
    """The text of somebody's Home once it is there."""
    person = copilot.sandbox.person(who)
    await person.open_home()
    await copilot.sandbox.until(lambda: person.home)
    return given_a.said(person.home.blocks)


async def test_home_shows_what_is_mine_what_waits_and_what_ended(copilot):
    now = datetime.now(UTC)
    await copilot.open(commander="U0BEN", acknowledged_by="U0BEN", declared_by="U0BEN")
    await copilot.propose()
    await copilot.propose(id="c" * 32, key="u", kind=ProposalKind.CHECK, title="Look at the pool", requested_by="U0BEN")
    ended = {"status": Status.RESOLVED, "ending": Ending.RESOLVED, "ended_at": now, "thread_ts": None}
    written = await copilot.open(id="b" * 32, correlation_key="b", title="Old", **ended)
    await copilot.open(id="d" * 32, correlation_key="d", title="Alarm", **(ended | {"ending": Ending.FALSE_ALARM}))
    await copilot.open(id="e" * 32, correlation_key="e", title="Newer", **ended)
    postmortem = Postmortem(incident_id=written.id, label="INC-2", title="Old", written_at=now, sections=())
    async with copilot.deps.db.transaction() as tx:
        await postmortems.save(tx, StoredPostmortem(postmortem=postmortem, markdown="", html=""))

    ben, vic = await opened(copilot, "ben"), await opened(copilot, "vic")

    assert "Waits for your decision:INC-1 Action: Roll back payments to v2.30.4 (" in ben
    assert ben.count("Next step: Look at the pool") == 1
    assert "INC-1 HighErrorRate on checkout, P1 high, open: you lead it, you took it, you declared it in <#" in ben
    assert "You asked for: Look at the pool (INC-1)" in ben
    assert "INC-2 Old: its postmortem is written" in ben
    assert "INC-4 Newer: its postmortem is not written yet" in ben
    assert "Alarm" not in ben
    assert "For you" not in vic
    assert "Reviews due" in vic


def test_who_is_on_call_is_listed_and_long_lists_say_how_much_is_left_out():
    incident, put = given_a.incident(), given_a.proposal()
    task = Task(workspace_id="w", incident_id="i", number=2, text="Call Ben", added_by="U", added_at=given_a.NOON)
    on_call = tuple((f"team{n}", Called(primary="U0ANA", secondary="U0BEN")) for n in range(17))
    work = Work(
        parts=((incident, "you lead it"),) * 9,
        decisions=((incident, put),) * 10,
        todo=((incident, task),),
        reviews=(Review(incident, is_written=True),) * 9,
        on_call=(("night", Called(secondary="U0SAM")), *on_call),
    )

    view = home([], work=work, page_url="https://copilot.example")

    said = given_a.said(view["blocks"])
    assert "and 3 more" in said
    assert "To do: Call Ben, task 2 (INC-42)" in said
    assert "night: nobody first, then <@U0SAM>team0: <@U0ANA>, then <@U0BEN>" in said
    assert "its postmortem is written read it (copilot.example)" in said
    assert len(view["blocks"]) <= 100


def test_what_waits_for_me_is_listed_once_and_with_its_button():
    incident, put = given_a.incident(), given_a.proposal()

    view = home([(incident, [put])], work=Work(decisions=((incident, put),)))

    assert given_a.said(view["blocks"]).count(put.title) == 1
    assert [block["accessory"]["value"] for block in view["blocks"] if "accessory" in block] == [put.id]


async def test_guests_and_those_whom_slack_does_not_name_see_no_incidents(sandbox, copilot, caplog):
    caplog.set_level("INFO", "incident_copilot")
    await copilot.open()
    gus = sandbox.person("gus")
    sandbox.faults.add("users.info", Fault("error"))
    await gus.open_home()
    await sandbox.until(lambda: "App Home was not shown: I could not check who you are" in caplog.text)

    said = await opened(copilot, "gus")
    await gus.open_dm()
    await gus.command("/incident", "list", channel=sandbox.dm("gus").id)

    assert said.startswith("IncidentsIncidents are shown to members of this workspace.")
    assert [one.text for one in gus.ephemerals(sandbox.dm("gus").id)] == [
        "Guests and people from outside this workspace cannot use /incident."
    ]
    assert sandbox.workspace.agent.prompts == {}
