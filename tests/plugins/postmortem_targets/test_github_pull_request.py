"""A document's pull request: opened once, brought up to date, and never over what people wrote."""

import base64
import json
from dataclasses import replace

import pytest

from incident_copilot.domain.document import Document
from incident_copilot.errors import ConfigError, VendorRefused, VendorUnavailable
from incident_copilot.plugins.postmortem_targets.github_pull_request import Options, create
from incident_copilot.ports import Receipt

pytestmark = pytest.mark.respx(assert_all_called=False)

REPO = "https://api.github.com/repos/acme/postmortems"
BRANCH = "copilot/postmortem-inc-42"
FILE = f"{REPO}/contents/postmortems/INC-42.md"
POSTMORTEM = Document(
    key="postmortem-inc-42",
    name="INC-42",
    title="Postmortem of INC-42: Mail fails",
    summary="- Mail failed for 12 minutes.",
    text="# INC-42\n",
)
SHA_OF_IT = "d685907352ce1d3b01e9583721efb56c92d1d1bf"
OUT = Receipt(ref={"pull": "7"}, link="https://github.com/acme/postmortems/pull/7")


@pytest.fixture
def recorded(fixture):
    return fixture("github_pull_request")


@pytest.fixture
def target(env):
    return create(env, Options(repo="acme/postmortems"))


@pytest.fixture
def github(respx_mock, recorded):
    """GitHub as it is before anything is there; a test changes what it answers."""

    class GitHub:
        repo = respx_mock.get(REPO).respond(json=recorded["repo"])
        merged = respx_mock.get(FILE, params={"ref": "main"}).respond(404, json={"message": "Not Found"})
        pulls = respx_mock.get(f"{REPO}/pulls").respond(json=[])
        branch = respx_mock.get(f"{REPO}/git/ref/heads/{BRANCH}").respond(404, json={"message": "Not Found"})
        main = respx_mock.get(f"{REPO}/git/ref/heads/main").respond(json=recorded["ref"])
        branched = respx_mock.post(f"{REPO}/git/refs").respond(201, json=recorded["ref"])
        reset = respx_mock.patch(f"{REPO}/git/refs/heads/{BRANCH}").respond(json=recorded["ref"])
        file = respx_mock.get(FILE, params={"ref": BRANCH}).respond(404, json={"message": "Not Found"})
        written = respx_mock.put(FILE).respond(201, json={"content": recorded["file"]})
        commits = respx_mock.get(f"{REPO}/commits").respond(json=[recorded["commit"]])
        opened = respx_mock.post(f"{REPO}/pulls").respond(201, json=recorded["pull"])
        renamed = respx_mock.patch(f"{REPO}/pulls/7").respond(json=recorded["pull"])

        def called(self):
            """What was changed there."""
            changes = {"branched", "reset", "written", "opened", "renamed"}
            return {name for name in changes if getattr(self, name).called}

    return GitHub()


def sent(route):
    return json.loads(route.calls.last.request.content)


async def test_first_telling_makes_branch_file_and_pull_request(target, github):
    assert await target.put(POSTMORTEM) == OUT
    assert sent(github.branched) == {
        "ref": f"refs/heads/{BRANCH}",
        "sha": "aa218f56b14c9653891f9e74264a383fa43fefbd",
    }
    assert sent(github.written) == {
        "message": "Postmortem of INC-42: Mail fails\n\nKept by incident-copilot (postmortem-inc-42).",
        "content": base64.b64encode(b"# INC-42\n").decode(),
        "branch": BRANCH,
    }
    assert sent(github.opened) == {
        "title": "Postmortem of INC-42: Mail fails",
        "head": BRANCH,
        "base": "main",
        "body": "- Mail failed for 12 minutes.\n\nKept by incident-copilot (postmortem-inc-42).",
    }
    assert github.pulls.calls.last.request.url.params["head"] == f"acme:{BRANCH}"


async def test_same_again_changes_nothing(target, github, recorded):
    github.pulls.respond(json=[recorded["pull"]])
    github.branch.respond(json=recorded["ref"])
    github.file.respond(json=recorded["file"] | {"sha": SHA_OF_IT})

    assert await target.put(POSTMORTEM) == OUT
    assert github.called() == set()


async def test_newer_text_is_a_commit_on_the_same_pull_request(target, github, recorded):
    github.pulls.respond(json=[recorded["pull"] | {"title": "Older"}])
    github.branch.respond(json=recorded["ref"])
    github.file.respond(json=recorded["file"])

    assert await target.put(POSTMORTEM) == OUT
    assert sent(github.written)["sha"] == recorded["file"]["sha"]
    assert sent(github.renamed)["title"] == "Postmortem of INC-42: Mail fails"
    assert github.called() == {"written", "renamed"}


async def test_what_people_pushed_is_not_written_over(target, github, recorded):
    github.pulls.respond(json=[recorded["pull"]])
    github.branch.respond(json=recorded["ref"])
    github.file.respond(json=recorded["file"])
    github.commits.respond(json=[{"sha": "c1", "commit": {"message": "Say it better"}}])

    with pytest.raises(VendorRefused, match=r"people have changed postmortems/INC-42\.md on copilot/postmortem-inc-42"):
        await target.put(POSTMORTEM)
    assert github.called() == set()


async def test_after_a_merge_the_branch_begins_anew_and_what_is_merged_is_left_alone(target, github, recorded):
    github.pulls.respond(json=[recorded["pull"] | {"state": "closed", "number": 6}])
    github.branch.respond(json=recorded["ref"])
    github.merged.respond(json=recorded["file"])
    github.file.respond(json=recorded["file"])

    assert await target.put(POSTMORTEM) == OUT
    assert sent(github.reset) == {"sha": "aa218f56b14c9653891f9e74264a383fa43fefbd", "force": True}
    assert github.called() == {"reset", "written", "opened"}

    github.merged.respond(json=recorded["file"] | {"sha": SHA_OF_IT})
    assert await target.put(POSTMORTEM) == Receipt(link=recorded["file"]["html_url"])


async def test_change_of_a_named_file_goes_to_the_named_base(env, respx_mock, github, recorded):
    path = "high error.md"
    change = POSTMORTEM.model_copy(update={"path": path})
    respx_mock.get(f"{REPO}/contents/runbooks/high%20error.md").respond(json=recorded["file"] | {"sha": SHA_OF_IT})
    github.branched.respond(422, json={"message": "Reference already exists"})
    github.pulls.respond(json=[recorded["pull"]])

    assert await create(env, Options(repo="acme/postmortems", base="main")).put(change) == OUT
    assert (github.repo.called, github.called()) == (False, {"branched"})


@pytest.mark.parametrize(("status", "error"), [(409, VendorUnavailable), (422, VendorRefused)])
async def test_file_that_is_refused_is_tried_again_only_after_a_conflict(target, github, status, error):
    github.written.respond(status, json={"message": "is at 95b966 but expected d70d7a"})

    with pytest.raises(error):
        await target.put(POSTMORTEM)


@pytest.mark.parametrize("route", ["merged", "branched"])
async def test_any_other_refusal_is_told(target, github, route):
    getattr(github, route).respond(403, json={"message": "Resource not accessible by personal access token"})

    with pytest.raises(VendorRefused, match="Resource not accessible by personal access token"):
        await target.put(POSTMORTEM)


async def test_check_reads_the_repository_and_what_the_token_may(target, github, recorded, env):
    await target.check()
    github.repo.respond(json=recorded["repo"] | {"permissions": {"push": False}})

    with pytest.raises(VendorRefused, match="the token may only read acme/postmortems; let it write contents"):
        await target.check()
    with pytest.raises(ConfigError, match="set secret_env to the variable that holds a token that may write"):
        create(replace(env, secret=None), Options(repo="acme/postmortems"))
