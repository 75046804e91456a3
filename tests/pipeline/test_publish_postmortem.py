"""The postmortem goes where the house keeps them, by a person's word; one message says where it is and where not."""

import base64
import re

import pytest

from incident_copilot.domain.content import Kept, KeptAt
from incident_copilot.domain.document import Form
from incident_copilot.domain.effect import Canvas
from incident_copilot.domain.incident import Ending
from incident_copilot.domain.log import LogKind
from incident_copilot.domain.postmortem import Line, Picture, Postmortem, Section
from incident_copilot.errors import DecisionRefused, VendorRefused, VendorUnavailable
from incident_copilot.pipeline import postmortem_document, publish_postmortem, resolve
from incident_copilot.pipeline.reviewing import record, words
from incident_copilot.ports import Receipt
from incident_copilot.store import incidents, postmortems
from incident_copilot.store.postmortems import StoredPostmortem

from .life import Life, big

LINK = "https://github.com/acme/postmortems/pull/7"


class Repository:
    """A target that keeps what it is given; `trouble` is raised instead."""

    takes_changes = True

    def __init__(self, name="pull requests of acme/postmortems", form=Form.MARKDOWN):
        self.name, self.form = name, form
        self.kept, self.trouble = [], None

    async def put(self, document):
        if self.trouble:
            raise self.trouble
        self.kept.append(document)
        return Receipt(ref={"pull": "7"}, link=LINK if self.form is Form.MARKDOWN else None)


@pytest.fixture
def targets():
    return {"repo": Repository(), "docs": Repository("folder /shared", Form.HTML)}


@pytest.fixture
def life(db, clock, targets):
    return Life(db, clock, targets=targets)


@pytest.fixture
async def ended(life):
    incident = await life.opened(big())
    ana = await life.person("ana")
    await resolve.resolve(life.deps, incident.id, ana, ending=Ending.RESOLVED, note="", despite_red=True)
    await life.work()
    return await life.newest()


def shown(life, incident):
    return life.chat.shown[incident.channel_id, "kept:postmortem-inc-1"]


async def test_postmortem_goes_to_every_target_and_again_brings_it_up_to_date(life, ended, targets):
    ana = await life.person("ana")

    said = await publish_postmortem.publish(life.deps, ended.id, ana)
    await life.work()
    await publish_postmortem.publish(life.deps, ended.id, ana, "repo")
    await life.work()

    markdown, html = targets["repo"].kept[0], targets["docs"].kept[0]
    assert said.text == "The postmortem of INC-1 goes to: pull requests of acme/postmortems, folder /shared."
    assert (markdown.key, markdown.name, markdown.ref) == ("postmortem-inc-1", "INC-1", {})
    assert markdown.title == "Postmortem of INC-1: High 5xx ratio on checkout"
    assert markdown.text.startswith("# INC-1: High 5xx ratio on checkout\n")
    assert markdown.summary.startswith("- ")
    assert html.text.startswith("<!doctype html>")
    assert [one.ref for one in targets["repo"].kept] == [{}, {"pull": "7"}]
    assert shown(life, ended) == Kept(
        what="Postmortem of INC-1",
        places=(
            KeptAt(name="pull requests of acme/postmortems", link=LINK, is_there=True),
            KeptAt(name="folder /shared", is_there=True),
        ),
        again={"press": "publish", "label": "Publish again", "value": ended.id},
    )


async def test_what_is_asked_and_kept_is_in_the_log_and_told(life, ended):
    await publish_postmortem.publish(life.deps, ended.id, await life.person("ana"), "repo")
    await life.work()

    rows = await life.log(ended, LogKind.DOCUMENT_ASKED, LogKind.DOCUMENT_KEPT)
    found = await record.read(life.deps, ended.id)
    about = {"target": "repo", "document": "postmortem-inc-1", "what": "Postmortem of INC-1"}
    assert [(row.actor, row.payload) for row in rows] == [("U0ANA", about), ("copilot", about | {"link": LINK})]
    assert [words.sentence(found, row) for row in rows] == [
        "The primary on call had a document put where it is kept: Postmortem of INC-1, at repo.",
        "The copilot put a document where it is kept: Postmortem of INC-1, at repo.",
    ]


async def test_target_that_refuses_is_named_with_the_fix_and_tried_again_by_a_click(life, ended, targets):
    targets["repo"].trouble = VendorRefused("GitHub: the token may only read acme; let it write contents", 403)
    await publish_postmortem.publish(life.deps, ended.id, await life.person("ana"), "repo")
    await life.work()
    refused = shown(life, ended).places

    targets["repo"].trouble = VendorUnavailable("GitHub: HTTP 503", 1)
    await publish_postmortem.publish(life.deps, ended.id, await life.person("ana"), "repo")
    await life.work()
    waiting = shown(life, ended).places
    targets["repo"].trouble = None
    await life.go_on(minutes=1)

    name = "pull requests of acme/postmortems"
    fix = "GitHub: the token may only read acme; let it write contents"
    assert refused == (KeptAt(name=name, problem=fix),)
    assert waiting == (KeptAt(name=name),)
    assert shown(life, ended).places == (KeptAt(name=name, link=LINK, is_there=True),)
    assert len(await life.log(ended, LogKind.UNDELIVERED)) == 1


async def test_target_that_was_taken_out_of_the_file_is_said_to_be(life, ended, targets):
    await publish_postmortem.publish(life.deps, ended.id, await life.person("ana"), "repo")
    targets.pop("repo")
    await life.work()

    problem = "copilot.yaml has no repo under postmortem_targets any more"
    assert shown(life, ended).places == (KeptAt(name="repo", problem=problem),)


@pytest.mark.parametrize(
    ("changes", "named", "because"),
    [
        ({"private": True}, None, "INC-1 is private; what is written about it stays in its channel."),
        ({"test": True}, None, "INC-1 [TEST] is a drill; what is written about it stays here."),
        ({}, "wiki", "There is no wiki under postmortem_targets in copilot.yaml; it has: repo, docs."),
    ],
)
async def test_what_may_not_leave_the_house_is_refused_and_logged(life, ended, targets, changes, named, because):
    ana = await life.person("ana")
    async with life.deps.db.transaction() as tx:
        incident = await incidents.save(tx, ended.model_copy(update=changes))
        if changes:
            await publish_postmortem.everywhere(tx, life.deps, incident, ana.id)

    with pytest.raises(DecisionRefused) as refused:
        await publish_postmortem.publish(life.deps, ended.id, ana, named)

    await life.work()
    assert str(refused.value) == because
    assert [row.payload["because"] for row in await life.log(ended, LogKind.DENIED)] == [because]
    assert targets["repo"].kept == []


async def test_canvas_of_the_channel_shows_it_without_links_within_the_page(life, ended, targets, clock):
    async with life.deps.db.transaction() as tx:
        incident = await incidents.save(tx, ended.model_copy(update={"private": True}))
        written = await postmortems.get(tx, ended.id)
        text = '# INC-1\n\n- It failed. [[1]](#source-1)\n\n<a id="source-1"></a>**[1]** Log\n'
        await postmortems.save(tx, written.model_copy(update={"markdown": text}))
        await publish_postmortem.everywhere(tx, life.deps, incident, "U0ANA")
        await publish_postmortem.everywhere(tx, life.deps, incident.model_copy(update={"thread_ts": "1.0"}), "U0ANA")
    await life.work()

    (canvas,) = [deed for deed in life.chat.deeds if isinstance(deed, Canvas)]
    assert canvas == Canvas(markdown="# INC-1\n\n- It failed. [1]\n\n**[1]** Log\n")
    assert targets["repo"].kept == []


async def test_everything_is_told_at_once_when_the_review_is_over(life, ended, targets):
    async with life.deps.db.transaction() as tx:
        await publish_postmortem.everywhere(tx, life.deps, await incidents.lock(tx, ended.id), "U0ANA")
    await life.work()

    assert [len(one.kept) for one in targets.values()] == [1, 1]


async def test_without_a_place_or_a_postmortem_or_in_shadow_it_says_what_to_do(db, clock, targets):
    bare, shadow = Life(db, clock), Life(db, clock, targets=targets, shadow=True)
    incident = await bare.opened(big())
    ana = await bare.person("ana")

    for life, because in (
        (bare, "Nothing keeps postmortems: name a place under postmortem_targets in copilot.yaml."),
        (Life(db, clock, targets=targets), "INC-1 has no postmortem yet: /incident postmortem writes it."),
        (shadow, "The copilot is in shadow mode: it carries nothing out."),
    ):
        with pytest.raises(DecisionRefused, match=re.escape(because)):
            await publish_postmortem.publish(life.deps, incident.id, ana)
    async with shadow.deps.db.transaction() as tx:
        await publish_postmortem.everywhere(tx, shadow.deps, incident, ana.id)
    await shadow.work()
    assert [one.kept for one in targets.values()] == [[], []]


def test_document_for_google_docs_has_its_pictures_in_it_and_nothing_that_runs(clock):
    points = [[0.0, 1.0], [60.0, 5.0], [120.0, None], [180.0, 2.0], [240.0, 1.0]]
    chart = {"title": "errors", "unit": "req/s", "points": points, "marks": [], "limit": 3.0}
    postmortem = Postmortem(
        incident_id="i",
        label="INC-1",
        title="It <fails>",
        written_at=clock(),
        sections=(Section(key="summary", heading="Summary", lines=(Line(text="It failed."),)),),
        charts={
            "metric-1": Picture(title="errors", svg="<svg/>", alt="errors rose to 5", chart=chart),
            "timeline": Picture(title="What happened when", svg="<svg/>", alt="Timeline."),
        },
    )
    markdown = "# INC-1\n\n<script>alert(1)</script>\n\n## Charts\n\n- errors rose to 5\n\n## Sources\n"

    html = postmortem_document.render(StoredPostmortem(postmortem=postmortem, markdown=markdown, html=""))

    (inline,) = re.findall(r'<h2>Charts</h2>\n<p><img alt="errors rose to 5" src="data:image/png;base64,([^"]+)"', html)
    assert base64.b64decode(inline).startswith(b"\x89PNG")
    assert "<title>INC-1: It &lt;fails&gt;</title>" in html
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in html
    assert "default-src 'none'" in html
