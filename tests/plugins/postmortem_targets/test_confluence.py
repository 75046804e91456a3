"""A document's page: made once, its next version after that, and never over what people wrote."""

import json

import pytest

from incident_copilot.domain.document import Document
from incident_copilot.errors import OutcomeUnknown, VendorRefused, VendorUnavailable
from incident_copilot.plugins.postmortem_targets.confluence import Options, create
from incident_copilot.ports import Receipt

WIKI = "https://acme.atlassian.net/wiki"
API = f"{WIKI}/api/v2"
POSTMORTEM = Document(
    key="postmortem-inc-42", name="INC-42", title="Postmortem of INC-42: Mail fails", text="# INC-42\n"
)
STORED = "<h1>INC-42</h1>\n<p>Kept by incident-copilot (postmortem-inc-42, {digest}).</p>"
DIGEST = "e636b701b443"
LINK = f"{WIKI}/spaces/OPS/pages/98319/Postmortem+of+INC-42"


@pytest.fixture
def recorded(fixture):
    return fixture("confluence")


@pytest.fixture
def target(env):
    return create(env, Options(url="https://acme.atlassian.net", user="bot@acme.example", space="OPS", parent="98306"))


@pytest.fixture
def pages(respx_mock, recorded):
    respx_mock.get(f"{API}/spaces").respond(json=recorded["spaces"])
    return respx_mock.get(f"{API}/pages").respond(json=recorded["none"])


def there(recorded, number=1, message="", value=None):
    body = {"storage": {"value": value or recorded["page"]["body"]["storage"]["value"]}}
    return {"results": [recorded["page"] | {"version": {"number": number, "message": message}, "body": body}]}


async def test_first_telling_makes_the_page_below_its_parent(target, pages, recorded, respx_mock):
    made = respx_mock.post(f"{API}/pages").respond(json=recorded["page"])

    assert await target.put(POSTMORTEM) == Receipt(ref={"page": "98319", "version": "1"}, link=LINK)
    assert json.loads(made.calls.last.request.content) == {
        "spaceId": "65110",
        "status": "current",
        "title": "Postmortem of INC-42: Mail fails",
        "body": {"representation": "storage", "value": STORED.format(digest=DIGEST)},
        "parentId": "98306",
    }
    assert made.calls.last.request.headers["authorization"].startswith("Basic ")
    assert dict(pages.calls.last.request.url.params) == {
        "space-id": "65110",
        "title": "Postmortem of INC-42: Mail fails",
        "status": "current",
        "body-format": "storage",
        "limit": "1",
    }


@pytest.mark.parametrize("written", [(1, ""), (4, "Kept by incident-copilot: 0123456789ab")])
async def test_newer_text_is_the_next_version(target, pages, recorded, respx_mock, written):
    pages.respond(json=there(recorded, *written))
    answer = {"version": {"number": written[0] + 1}, "_links": {}}
    changed = respx_mock.put(f"{API}/pages/98319").respond(json=recorded["page"] | answer)

    receipt = await target.put(POSTMORTEM.model_copy(update={"ref": {"page": "98319"}}))

    assert receipt == Receipt(ref={"page": "98319", "version": str(written[0] + 1)})
    assert json.loads(changed.calls.last.request.content) == {
        "id": "98319",
        "status": "current",
        "title": "Postmortem of INC-42: Mail fails",
        "body": {"representation": "storage", "value": STORED.format(digest=DIGEST)},
        "version": {"number": written[0] + 1, "message": f"Kept by incident-copilot: {DIGEST}"},
    }
    assert pages.calls.last.request.url.params["id"] == "98319"


async def test_same_again_is_no_version(target, pages, recorded):
    pages.respond(json=there(recorded, value=STORED.format(digest=DIGEST)))

    assert await target.put(POSTMORTEM) == Receipt(ref={"page": "98319", "version": "1"}, link=LINK)


@pytest.mark.parametrize("page", [(2, "typos"), (1, "", "<p>Ours.</p>")])
async def test_page_that_people_wrote_is_not_written_over(target, pages, recorded, page):
    pages.respond(json=there(recorded, *page))

    with pytest.raises(VendorRefused, match='people have edited "Postmortem of INC-42: Mail fails" since'):
        await target.put(POSTMORTEM)


@pytest.mark.parametrize(("status", "error"), [(409, VendorUnavailable), (400, VendorRefused)])
async def test_version_that_came_first_is_tried_again(target, pages, recorded, respx_mock, status, error):
    pages.respond(json=there(recorded))
    respx_mock.put(f"{API}/pages/98319").respond(status, json={"errors": [{"title": "Version must be incremented"}]})

    with pytest.raises(error):
        await target.put(POSTMORTEM)


async def test_lost_answer_is_unknown_and_the_page_is_found_by_its_title(target, pages, recorded, respx_mock):
    respx_mock.post(f"{API}/pages").respond(502)

    with pytest.raises(OutcomeUnknown):
        await target.put(POSTMORTEM)
    pages.respond(json=there(recorded, value=STORED.format(digest=DIGEST)))

    assert (await target.put(POSTMORTEM)).ref == {"page": "98319", "version": "1"}


async def test_check_names_a_space_that_nobody_may_see(target, pages, recorded, respx_mock):
    await target.check()
    respx_mock.get(f"{API}/spaces").respond(json=recorded["none"])

    with pytest.raises(VendorRefused, match="no space OPS that bot@acme"):
        await target.check()
    assert pages.called is False
