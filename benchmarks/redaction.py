"""B12: how many log lines a second are redacted before they leave for a language model."""

import random
import statistics
import time

from benchmarks.results import Section, Verdict
from incident_copilot.domain.redaction import Redactor, redact

AIM = 50_000
SYSTEMS = ("gateway", "checkout", "payments", "ledger-db", "search")
FORMS = (
    "2026-11-21 10:47:{s:02}.{ms:03} INFO {svc} [worker-{n}] handled GET /api/v1/orders/{id} in {ms} ms status=200",
    "2026-11-21 10:47:{s:02},{ms:03} ERROR {svc} connection to {svc}:5432 refused after {ms} ms, retry {n} of 5",
    "Nov 21 10:47:{s:02} host-{n} sshd[{id}]: Failed password for invalid user u{n}x from 93.184.{n}.{n} port {id}",
    '{{"ts":"2026-11-21T10:47:{s:02}Z","level":"warn","service":"{svc}","msg":"queue {n}% full","trace":"{id:032x}"}}',
    "081109 20{s:02}{s:02} {id} INFO dfs.DataNode$PacketResponder: block blk_-{id}91986290 of size {id} from /10.9.0.1",
    '93.184.{n}.{n} - - [21/Nov/2026:10:47:{s:02} +0000] "POST /login HTTP/1.1" 401 {id} "-" "Mozilla/5.0 (X11)"',
    "I1121 10:47:{s:02}.{ms:03} {n} controller.go:{n}] reconcile pod/{svc}-{id:08x} finished, requeue=false",
    "{svc} user=jdoe{n} email=jdoe{n}@corp.example paid with card ending {n:04}, order {id}",
)
"""Eight kinds of line; three of them have something to hide, more than logs usually do."""


async def run(rounds: int, small: bool) -> Section:
    """Redact the same lines several times, by processor time: as one text, and line by line as a log handler would."""
    lines = _lines(2_000 if small else 100_000)
    text = "\n".join(lines)
    rows, best = [], 0.0
    for name, addresses in (("with public addresses", True), ("without them", False)):
        speeds = [len(lines) / _seconds(text, addresses) for _ in range(rounds)]
        rows.append((name, f"{statistics.median(speeds):,.0f}", f"{min(speeds):,.0f} to {max(speeds):,.0f}"))
        best = best or statistics.median(speeds)
    began = time.process_time()
    for line in lines[: len(lines) // 10]:
        redact(line)
    alone = len(lines) // 10 / (time.process_time() - began)
    rows.append(("secrets alone, line by line, as for the program's log", f"{alone:,.0f}", ""))
    verdict = Verdict("log lines redacted", f"{best:,.0f} a second", f"at least {AIM:,}", best >= AIM)
    title = f"Redaction: {len(lines):,} log lines of {len(text) // len(lines)} characters"
    return Section(title, ("", "lines a second, median", "range"), rows, [verdict])


def _lines(many: int) -> list[str]:
    drawn = random.Random(12)
    return [
        drawn.choice(FORMS).format(
            svc=drawn.choice(SYSTEMS),
            s=drawn.randrange(60),
            ms=drawn.randrange(1000),
            n=drawn.randrange(1, 255),
            id=drawn.randrange(10**7),
        )
        for _ in range(many)
    ]


def _seconds(text: str, addresses: bool) -> float:
    redactor = Redactor(addresses=addresses)
    began = time.process_time()
    redactor.redact(text)
    return time.process_time() - began
