"""What the gallery shows of how far the copilot goes for services."""

from datetime import timedelta

from slack_samples import NOON

from incident_copilot.domain.acceptance import Acceptance, Record
from incident_copilot.domain.automation import Automation, ChangeState, LevelChange
from incident_copilot.pipeline.automation import Standing
from incident_copilot.slack.views.automation import listed, look, lowering, raising

TAKEN = Acceptance(proposed=14, approved=12, rejected=1, undone=1, verified=9, failed=1, accepted=10)
EVERY = Acceptance(proposed=31, approved=22, edited=4, rejected=6, undone=1, verified=9, failed=1, accepted=20)


def entries():
    """Each as name, what is shown, by which view, and whether only one person sees it."""
    waiting = standing("checkout", Automation.SUGGEST, {ChangeState.ASKED: change(ChangeState.ASKED)})
    by_people = standing("payments", Automation.SUPERVISED, {ChangeState.IN_FORCE: change(ChangeState.IN_FORCE)})
    poor = standing("search", Automation.OBSERVE, {}, missing="0 decisions in 90 days, and it takes 10")
    yield "answer-automation", listed([waiting, by_people, poor]), listed, True
    yield "answer-automation-one", listed([by_people]), listed, True
    yield "answer-automation-no-services", listed([]), listed, True
    yield "answer-automation-many", listed([waiting, *[by_people] * 40]), listed, True
    yield "look-automation", look([waiting, by_people, poor]), look
    yield "look-automation-no-services", look([]), look
    yield "form-raise-level", raising(waiting), raising
    yield "form-raise-level-not-yet", raising(poor), raising
    yield "form-raise-level-nothing-above", raising(by_people), raising
    yield "form-lower-level", lowering(by_people), lowering
    yield "form-lower-level-nothing-below", lowering(poor), lowering


def standing(service, level, changes, missing=""):
    """A service with a record."""
    return Standing(
        service=service,
        level=level,
        declared=Automation.SUGGEST if changes else level,
        changes=changes,
        reasons={one.id: "All of them helped." for one in changes.values()},
        record=Record(EVERY, TAKEN) if not missing else Record(),
        missing=missing,
        most=Automation.SUPERVISED,
        days=90,
    )


def change(state):
    """Ana asks for more; Ben agreed where it is in force."""
    decided = {"decided_by": "U0BEN", "decided_at": NOON} if state is ChangeState.IN_FORCE else {}
    return LevelChange(
        id="c" * 32,
        workspace_id="w",
        service="checkout",
        was=Automation.SUGGEST,
        wanted=Automation.SUPERVISED,
        state=state,
        asked_by="U0ANA",
        asked_at=NOON,
        expires_at=NOON + timedelta(hours=24),
        **decided,
    )
