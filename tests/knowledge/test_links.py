"""Where links lead: fetched pages, pages of a wiki's export, files of a repository, sections by their anchor."""

import pytest

from incident_copilot.knowledge.links import Links, section_at
from incident_copilot.knowledge.runbooks import parse_runbook

BODY = "## Meaning\n\nStuck.\n\n## Diagnosis\n\n1. Look.\n\n### Where it lags\n\nThere.\n"


def runbook(name, title="Queue stuck", front=""):
    return parse_runbook(name, f"---\ntitle: {title}\n{front}---\n\n{BODY}".encode())[0]


LINKS = Links(
    [
        runbook("imported/pages/wiki-example-display-ops-cert-renewal.md", "Renewal of certificates"),
        runbook("imported/pages/w-example-view-action-pageid-77001.md", "Kept by number"),
        runbook("imported/wiki/ops/queue-stuck-65538.md"),
        runbook("imported/wiki/ops/98306.md", "Disk & volumes"),
        runbook("imported/team/kafka/lag.md", "Kafka lag"),
        runbook("imported/team/postgres/lag.md", "Replication lag"),
        runbook("named.md", "Something else", "alerts: [HighErrorRate]\n"),
    ]
)


@pytest.mark.parametrize(
    ("url", "leads_to"),
    [
        ("https://wiki.example/display/OPS/cert-renewal", "imported/pages/wiki-example-display-ops-cert-renewal"),
        (
            "https://w.example/view.action?pageId=77001",
            "imported/pages/w-example-view-action-pageid-77001",
        ),
        ("https://x.example/wiki/spaces/OPS/pages/65538/Renamed+since", "imported/wiki/ops/queue-stuck-65538"),
        ("https://x.example/pages/viewpage.action?spaceKey=OPS&pageId=98306", "imported/wiki/ops/98306"),
        ("https://x.example/display/OPS/Queue+stuck", "imported/wiki/ops/queue-stuck-65538"),
        ("https://git.example/team/runbooks/blob/main/kafka/lag.md", "imported/team/kafka/lag"),
        ("https://git.example/team/runbooks/-/blob/main/postgres/lag.md#diagnosis", "imported/team/postgres/lag"),
        ("https://runbooks.example/runbooks/HighErrorRate/", "named"),
    ],
)
def test_link_leads_to_one_runbook(url, leads_to):
    assert [one.id for one, _ in LINKS.follow(url)] == [leads_to]


def test_link_that_names_no_folder_leads_to_all_files_of_that_name():
    found = [one.id for one, _ in LINKS.follow("https://runbooks.example/lag")]

    assert found == ["imported/team/kafka/lag", "imported/team/postgres/lag"]


@pytest.mark.parametrize(
    "url", ["", "https://x.example/", "https://x.example/pages/4/5", "https://[broken", "#diagnosis"]
)
def test_link_to_nothing_we_have_leads_nowhere(url):
    assert LINKS.follow(url) == []


@pytest.mark.parametrize(
    ("fragment", "heading"),
    [
        ("diagnosis", "Diagnosis"),
        ("Meaning", "Meaning"),
        ("Queuestuck-Diagnosis", "Diagnosis"),
        ("where-it-lags", "Diagnosis"),
    ],
)
def test_fragment_names_a_section(fragment, heading):
    assert section_at(runbook("queue.md"), fragment).heading == heading


@pytest.mark.parametrize("fragment", ["", "impact", "Queuestuck-Impact"])
def test_fragment_of_no_section_names_none(fragment):
    assert section_at(runbook("queue.md"), fragment) is None
