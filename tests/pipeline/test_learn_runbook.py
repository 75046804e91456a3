"""A runbook learns from an incident: the change is shown, bound to what was read, and goes out as a pull request."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from incident_copilot.domain.document import Form
from incident_copilot.domain.log import LogKind, TimelineKind
from incident_copilot.domain.proposal import ProposalKind, ProposalState
from incident_copilot.errors import DecisionRefused
from incident_copilot.knowledge.match import RunbookIndex
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.pipeline import learn_runbook
from incident_copilot.ports import Receipt
from incident_copilot.store import proposals, timeline

from . import samples
from .life import Life, big
from .review_records import entry, record, row

RUNBOOKS = Path(__file__).parents[2] / "runbooks"
PULL = "https://github.com/acme/ops/pull/9"


class Repository:
    """A target that takes changes and keeps them."""

    name, form, takes_changes = "pull requests of acme/ops", Form.MARKDOWN, True

    def __init__(self):
        self.kept = []

    async def put(self, document):
        self.kept.append(document)
        return Receipt(ref={"pull": "9"}, link=PULL)


def proposal(kind=ProposalKind.CHECK, state=ProposalState.DONE, **fields):
    values = {"id": f"{len(str(fields)):032x}", "kind": kind, "state": state}
    return samples.proposal(**(values | fields))


@pytest.fixture
def targets():
    return {"docs": type("Folder", (), {"takes_changes": False})(), "repo": Repository()}


@pytest.fixture
def life(db, clock, targets, tmp_path):
    """The pipeline over a folder with one runbook, in a folder of its own."""
    folder = tmp_path / "http"
    folder.mkdir()
    shutil.copy(RUNBOOKS / "high-error-rate.md", folder / "High-Error-Rate.md")
    told = Life(db, clock, targets=targets)
    told.deps = replace(told.deps, runbooks=RunbookIndex.build(load_runbooks(tmp_path)))
    return told


async def noted(life, incident, text):
    async with life.deps.db.transaction() as tx:
        await timeline.add(tx, entry(TimelineKind.NOTE, text, incident_id=incident.id, at=life.clock()))


def test_what_helped_was_ruled_out_and_written_is_learnt():
    acted = proposal(ProposalKind.ACTION, ProposalState.CARRIED_OUT, title="Roll back", outcome="It worked.", key="a")
    failed = proposal(ProposalKind.ACTION, ProposalState.CARRIED_OUT, title="Restart", key="bb")
    step = proposal(title="Look at the pool", key="ccc")
    rejected = proposal(state=ProposalState.REJECTED, title="Scale", reason="It is not load", key="dddd")
    plain = proposal(state=ProposalState.REJECTED, title="Wait", key="eeeee")
    update = proposal(ProposalKind.UPDATE, ProposalState.CARRIED_OUT, title="Status update", key="ffffff")
    found = record(
        row(1, LogKind.VERIFIED, proposal=failed.id, healthy=False),
        row(2, LogKind.VERIFIED, proposal=acted.id, healthy=True),
        proposals=(acted, failed, step, rejected, plain, update),
        timeline=(
            entry(text="`kubectl get pods -n prod` &amp; `kubectl delete namespace prod`"),
            entry(text="again `kubectl get pods -n prod`"),
            entry(text="`kubectl get nodes`", deleted=True),
            entry(TimelineKind.ALERT, "`kubectl get events`"),
            entry(TimelineKind.NOTE, "The provider was slow"),
        ),
    )

    learnt = learn_runbook.learnt_from(found)

    assert [(one.text, one.why, one.commands) for one in learnt.helped] == [
        ("Roll back", "It worked.", ()),
        ("Look at the pool", "It was done.", ()),
        ("Run what helped last time", "People wrote this in the channel.", ("kubectl get pods -n prod",)),
    ]
    assert learnt.ruled_out == ("Scale. It is not load", "Wait", "Restart. It did not help.")
    assert (learnt.noted, learnt.left_out) == (("The provider was slow",), 1)


async def test_change_is_shown_and_goes_out_as_a_pull_request_by_a_click(life, targets):
    incident = await life.opened(big())
    await noted(life, incident, "The provider was slow")
    shown = await learn_runbook.propose(life.deps, incident.id)

    said = await learn_runbook.put(
        life.deps, *learn_runbook.reference_in(f"{incident.id}:{shown.hash}"), await life.person("ana")
    )
    await life.work()

    (document,) = targets["repo"].kept
    assert shown.diff.splitlines()[:2] == ["--- a/http/High-Error-Rate.md", "+++ b/http/High-Error-Rate.md"]
    assert [line for line in shown.diff.splitlines()[2:] if line.startswith(("+", "-"))] == [
        "+",
        "+## Learnt from incidents",
        "+",
        f"+- INC-1 ({life.clock():%Y-%m-%d}), noted: The provider was slow",
    ]
    assert said.text == "What INC-1 taught the runbook http/high-error-rate: it goes to pull requests of acme/ops."
    assert (document.key, document.path) == ("runbook-http-high-error-rate-md", "http/High-Error-Rate.md")
    assert document.text == shown.after
    kept = life.chat.shown[incident.channel_id, f"kept:{document.key}"]
    assert (kept.places[0].link, kept.again) == (PULL, None)
    assert [one.actor for one in await life.log(incident, LogKind.DOCUMENT_ASKED)] == ["U0ANA"]


async def test_runbook_whose_steps_were_put_to_people_is_the_one_that_changes(life):
    incident = await life.opened(big("NothingKnown", summary="It is strange", annotations={}))
    for key in ("a", "c"):
        gone = {"step": "Look", "runbook": "gone", "commands": [], "why": ""}
        await life.put(incident, id=key * 32, key=f"step:{key}", shown=gone)
    waiting = await life.put(incident, key="step:b", shown={"step": "Look", "runbook": "http/high-error-rate"})
    async with life.deps.db.transaction() as tx:
        await proposals.save(tx, waiting.model_copy(update={"state": ProposalState.DONE}), was=waiting)

    assert (await learn_runbook.propose(life.deps, incident.id)).path == "http/High-Error-Rate.md"


async def test_alert_without_a_runbook_gets_a_first_draft(life):
    incident = await life.opened(big("ZyzzyvaCount", summary="Zyzzyvas", description="", annotations={}))
    await noted(life, incident, "They left by themselves")

    change = await learn_runbook.propose(life.deps, incident.id)

    assert (change.path, change.before, change.title) == ("zyzzyva-count.md", "", "A first runbook for ZyzzyvaCount")
    assert change.diff.startswith("--- /dev/null\n+++ b/zyzzyva-count.md\n")


async def test_what_cannot_be_put_is_refused_and_says_why(life, targets, clock):
    incident = await life.opened(big())
    ana = await life.person("ana")
    with pytest.raises(DecisionRefused, match="INC-1 taught nothing yet"):
        await learn_runbook.propose(life.deps, incident.id)
    await noted(life, incident, "The provider was slow")
    change = await learn_runbook.propose(life.deps, incident.id)

    with pytest.raises(DecisionRefused, match="It has changed since you read it; look again"):
        await learn_runbook.put(life.deps, incident.id, "0" * 16, ana)
    targets.pop("repo")
    with pytest.raises(DecisionRefused, match=r"No repository takes changes: name one under postmortem_targets"):
        await learn_runbook.put(life.deps, incident.id, change.hash, ana)
    assert len(await life.log(incident, LogKind.DENIED)) == 2


async def test_what_the_runbook_says_already_is_no_change(life, tmp_path):
    incident = await life.opened(big())
    await noted(life, incident, "The provider was slow")
    path = tmp_path / "http" / "High-Error-Rate.md"
    path.write_text((await learn_runbook.propose(life.deps, incident.id)).after)

    with pytest.raises(DecisionRefused, match=r"http/High-Error-Rate\.md says already what INC-1 taught"):
        await learn_runbook.propose(life.deps, incident.id)


async def test_words_that_cannot_stand_in_a_runbook_are_refused(life, tmp_path):
    incident = await life.opened(big())
    await noted(life, incident, "The provider was slow")
    (tmp_path / "http" / "High-Error-Rate.md").write_text("---\ntitle: [\n---\n## Mitigation\n\n1. **Look.**\n")

    with pytest.raises(DecisionRefused, match="What was written in INC-1 cannot stand in a runbook"):
        await learn_runbook.propose(life.deps, incident.id)
