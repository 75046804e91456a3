"""An issue an incident: opened, commented, closed, found again by its mark."""

import json
from datetime import UTC, datetime

import pytest

from incident_copilot.domain.update import PublicState
from incident_copilot.errors import OutcomeUnknown
from incident_copilot.plugins.comms_channels.github_issue import Options, create
from incident_copilot.ports import Receipt

NOW = datetime(2026, 11, 21, 9, 10, tzinfo=UTC)

ISSUES = "https://api.github.com/repos/acme/status/issues"
FIRST, LATER = f"0192{'0' * 28}-1", f"0193{'0' * 28}-1"
OVER = {"state": PublicState.RESOLVED, "text": "It is over.", "key": LATER, "ref": {"issue": "7"}}
SAID = Receipt(ref={"issue": "7", "comment": "91"}, link="https://github.com/acme/status/issues/7#issuecomment-91")


@pytest.fixture
def recorded(fixture):
    return fixture("github_issue")


@pytest.fixture
def issues(env):
    return create(env, Options(audience="external", repo="acme/status"))


def sent(route):
    return json.loads(route.calls.last.request.content)


async def test_first_update_opens_the_issue(issues, update, recorded, respx_mock):
    opened = respx_mock.post(ISSUES).respond(201, json=recorded["issue"])

    receipt = await issues.publish(update(key=FIRST))

    assert receipt == Receipt(ref={"issue": "7"}, link="https://github.com/acme/status/issues/7")
    assert sent(opened) == {
        "title": "Trouble with Mail",
        "body": f"Some mail is late.\n\n<!-- copilot:{FIRST} -->",
        "labels": ["incident"],
    }


async def test_last_update_closes_it_first_and_says_so(issues, update, recorded, respx_mock):
    closed = respx_mock.patch(f"{ISSUES}/7").respond(json=recorded["issue"] | {"state": "closed"})
    said = respx_mock.post(f"{ISSUES}/7/comments").respond(201, json=recorded["comment"])

    assert await issues.publish(update(**OVER)) == SAID
    assert sent(closed) == {"state": "closed", "state_reason": "completed"}
    assert sent(said) == {"body": f"It is over.\n\n<!-- copilot:{LATER} -->"}


async def test_update_between_them_is_a_comment_only(issues, update, recorded, respx_mock):
    respx_mock.post(f"{ISSUES}/7/comments").respond(201, json=recorded["comment"])

    assert await issues.publish(update(ref={"issue": "7"})) == SAID


async def test_lost_answer_is_unknown_and_found_by_the_mark(issues, update, recorded, respx_mock):
    respx_mock.post(ISSUES).respond(502)
    with pytest.raises(OutcomeUnknown):
        await issues.publish(update(key=FIRST))
    respx_mock.get(ISSUES).respond(json=[recorded["issue"] | {"body": None}, recorded["issue"]])
    respx_mock.get(f"{ISSUES}/7/comments").respond(json=[recorded["comment"]])

    assert (await issues.find(update(key=FIRST), NOW)).ref == {"issue": "7"}
    assert await issues.find(update(key=LATER), NOW) is None
    assert await issues.find(update(**OVER), NOW) == SAID
    assert await issues.find(update(key=FIRST, ref={"issue": "7"}), NOW) is None


async def test_correction_goes_where_the_words_are(issues, update, respx_mock):
    issue, comment = respx_mock.patch(f"{ISSUES}/7"), respx_mock.patch(f"{ISSUES}/comments/91")
    issue.respond(json={}), comment.respond(json={})

    await issues.correct(update(key=FIRST, text="Little mail is late.", ref={"issue": "7"}))
    await issues.retract(update(key=LATER, text="This update was withdrawn.", ref=SAID.ref))

    assert sent(issue)["body"].startswith("Little mail is late.")
    assert sent(comment)["body"].startswith("This update was withdrawn.")


@pytest.mark.parametrize(("state", "public"), [("closed", PublicState.RESOLVED), ("open", PublicState.INVESTIGATING)])
async def test_issue_is_read_back(issues, recorded, respx_mock, state, public):
    respx_mock.get(f"{ISSUES}/7").respond(json=recorded["issue"] | {"state": state})

    assert (await issues.state({"issue": "7"}), await issues.state({})) == (public, None)


async def test_preview_and_check_change_nothing(issues, update, respx_mock):
    respx_mock.get(ISSUES).respond(json=[])

    await issues.check()

    assert (await issues.preview(update(key=FIRST))).startswith(f"POST {ISSUES}\n")
    assert (await issues.preview(update(key=FIRST, ref={"issue": "7"}))).startswith(f"POST {ISSUES}/7/comments\n")
