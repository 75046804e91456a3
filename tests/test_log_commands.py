"""`log`, `verify-log`, `log-key` and `erase`, as typed."""

import asyncio

import pytest

from environment import own_environment
from incident_copilot.domain.log import LogKind
from incident_copilot.store import action_log, signed_heads
from incident_copilot.store.db import Db
from incident_copilot.store.signed_heads import Signed
from incident_copilot.vendors.signing import Signer
from test_cli_sources import typed

__all__ = ["own_environment", "typed"]
pytestmark = pytest.mark.usefixtures("own_environment")


@pytest.fixture
def logged(sqlite_url, open_incident, clock):
    """INC-1 with one row, whose actor looks like a formula."""

    async def write():
        db = Db.open(sqlite_url)
        opened = await open_incident(db, workspace_id="default")
        async with db.transaction() as tx:
            await action_log.append(
                tx,
                workspace_id="default",
                incident_id=opened.id,
                kind=LogKind.OPENED,
                actor="=policy:triage",
                payload={"number": 1},
                now=clock(),
            )
        await db.close()

    asyncio.run(write())


@pytest.mark.usefixtures("logged")
def test_log_is_filtered_and_exported(typed):
    head = "at,incident,row,who,what,said,sha256"

    code, table, _ = typed("log", "--format", "csv", "--since", "2026-11-21", "--until", "2026-11-21T12:01")

    assert (code, table.splitlines()[0]) == (0, head)
    assert table.splitlines()[1].startswith("2026-11-21 12:00:00,INC-1,1,'=policy:triage,incident opened,number: 1,")
    assert typed("log", "1", "--kind", "resolved", "--by", "U0ANA", "--format", "csv") == (0, f"{head}\n", "")
    assert typed("log", "--format", "xml") == (1, "", "there is no format xml; use jsonl, csv or md\n")
    assert typed("log", "--since", "soon") == (1, "", "soon is no day; write it as 2026-11-28\n")


@pytest.mark.usefixtures("logged")
def test_incident_is_put_under_legal_hold(typed):
    assert typed("hold", "1") == (0, "INC-1 is under legal hold.\n", "")
    assert typed("hold", "1", "--off") == (0, "INC-1 is under no legal hold.\n", "")
    assert typed("hold", "1", "--off") == (1, "", "INC-1 is under no legal hold already.\n")
    assert typed("hold", "9") == (1, "", "there is no INC-9\n")


@pytest.mark.usefixtures("logged")
def test_key_is_made_and_the_log_checked_against_what_was_published(typed, tmp_path, monkeypatch):
    key, heads = tmp_path / "log.pem", tmp_path / "heads.jsonl"
    code, public, _ = typed("log-key", str(key))
    heads.write_text('{"day":"2026-11-21","body":"{\\"heads\\":[],\\"previous\\":\\"\\"}","signature":"00"}\n')

    forged = typed("verify-log", "--heads", str(heads), "--public-key", public.strip())
    monkeypatch.setenv("COPILOT_LOG_KEY_FILE", str(key))
    own = typed("verify-log")
    unchecked = typed("verify-log", "--heads", str(heads), "--public-key", "")

    assert (code, len(public.strip())) == (0, 64)
    assert (forged[0], "signed heads of 2026-11-21 row 0: the signature does not hold" in forged[2]) == (1, True)
    assert own == (0, "The action log verifies.\n", "")
    assert unchecked[0] == 1
    no_key = "a public key is 64 hex digits, as `log-key` prints them\n"
    assert typed("verify-log", "--public-key", "beef") == (1, "", no_key)  # nothing was signed yet that it could check


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    ("is_known", "said"),
    [(True, "their signatures too"), (False, "not their signatures, for want of the public key")],
)
def test_signed_heads_are_counted(typed, tmp_path, monkeypatch, sqlite_url, clock, is_known, said):
    signer = Signer.create(tmp_path / "log.pem")
    body = '{"heads":[],"previous":""}'

    async def sign():
        db = Db.open(sqlite_url)
        async with db.transaction() as tx:
            signed = Signed(day="2026-11-21", body=body, signature=signer.sign(body))
            await signed_heads.add(tx, "default", signed, clock())
        await db.close()

    asyncio.run(sign())
    if is_known:
        monkeypatch.setenv("COPILOT_LOG_KEY_FILE", str(tmp_path / "log.pem"))

    assert typed("verify-log") == (0, f"The action log verifies.\nSo do 1 signed heads: {said}.\n", "")


@pytest.mark.usefixtures("logged")
def test_person_is_erased_only_when_it_is_meant(typed):
    refused = typed("erase", "U0ANA")

    assert refused == (1, "", "this erases for good what U0ANA wrote; say --yes\n")
    nobody = "No name of theirs is known any more; to look for one, say --also and the name."
    assert typed("erase", "U0ANA", "--yes") == (0, f"U0ANA: 0 texts and 0 messages erased.\n{nobody}\n", "")
    assert typed("verify-log")[:2] == (0, "The action log verifies.\n")
