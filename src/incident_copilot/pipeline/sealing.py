"""Seal the action log: once a day the heads of its chains are signed, and published where they cannot be changed."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from incident_copilot.errors import ConfigError
from incident_copilot.pipeline import operators
from incident_copilot.pipeline.deps import Deps
from incident_copilot.pipeline.snapshots import check as snapshots
from incident_copilot.store import action_log, checkpoints, signed_heads
from incident_copilot.store.action_log import Head, Problem
from incident_copilot.store.db import Tx
from incident_copilot.store.jobs import Job
from incident_copilot.store.signed_heads import Signed
from incident_copilot.vendors.signing import Signer, is_signed

SHORT = 16


async def seal(deps: Deps, job: Job) -> None:
    """Sign what has changed since the last time, once a day; append it to the file, and tell the operators' channel."""
    signer = deps.signer
    async with job.finish(deps.db) as tx:
        if signer is None:
            return
        signed = await _signed(tx, deps, signer)
        if not await signed_heads.add(tx, deps.workspace_id, signed, deps.now()):
            return
        if deps.policy.log_heads_file:
            await asyncio.to_thread(_append, deps.policy.log_heads_file, signed)
        said = f"The action log of {signed.day}: {_digest(signed)[:SHORT]}, signed {signed.signature}."
        await operators.tell(tx, deps, f"seal:{signed.day}", said, detail=f"Public key {signer.public}")


async def check(deps: Deps, published: Sequence[Signed], public: str | None) -> tuple[list[Problem], int]:
    """Return what is wrong with the log: its chains, its signed heads and those kept elsewhere; and how many those are.

    Signatures are looked at where the public key is known; links between days always.
    """
    async with deps.db.read() as db:
        kept = await signed_heads.every(db, deps.workspace_id)
        sound = [one for one in [*kept, *published] if not _problem(one, public)]
        heads = [head for one in sound for head in heads_in(one)]
        problems = await action_log.verify(db, heads)
        cut = await checkpoints.newest(db)
        of_snapshots = await snapshots.in_store(db, deps, public)
    wrong = [found for one in [*kept, *published] if (found := _problem(one, public))]
    forged = [
        Problem(chain=one.chain, seq=one.seq, what="the signature of its checkpoint does not hold")
        for one in cut.values()
        if public is not None and not is_signed(public, one.text, one.signature)
    ]
    return [*problems, *of_snapshots, *forged, *wrong, *_broken_links(kept), *_differences(kept, published)], len(sound)


def heads_in(signed: Signed) -> list[Head]:
    """Return the heads that were signed. Raises ConfigError: it is no body of ours."""
    try:
        return [Head.model_validate(one) for one in json.loads(signed.body)["heads"]]
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"the heads of {signed.day} cannot be read") from None


def published_in(path: Path) -> list[Signed]:
    """Return what a file of heads holds, one JSON object a line. Raises ConfigError naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(Signed.model_validate_json(line))
        except ValueError:
            raise ConfigError(f"{path}:{number}: this is no signed head") from None
    return found


async def _signed(tx: Tx, deps: Deps, signer: Signer) -> Signed:
    earlier = await signed_heads.every(tx, deps.workspace_id)
    known = {head.chain: head.seq for one in earlier for head in heads_in(one)}
    changed = [
        head for head in await action_log.heads(tx, deps.workspace_id) if head.seq and known.get(head.chain) != head.seq
    ]
    body = {
        "v": 1,
        "workspace": deps.workspace_id,
        "day": f"{deps.now():%Y-%m-%d}",
        "previous": _digest(earlier[-1]) if earlier else "",
        "heads": [head.model_dump() for head in changed],
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Signed(day=str(body["day"]), body=text, signature=signer.sign(text))


def _problem(signed: Signed, public: str | None) -> Problem | None:
    is_sound = public is None or is_signed(public, signed.body, signed.signature)
    return (
        None if is_sound else Problem(chain=f"signed heads of {signed.day}", seq=0, what="the signature does not hold")
    )


def _broken_links(kept: Sequence[Signed]) -> list[Problem]:
    """Return days that do not name the one before: somebody took one out, or put one in."""
    pairs = zip(["", *map(_digest, kept)], kept, strict=False)
    return [
        Problem(chain=f"signed heads of {one.day}", seq=0, what="do not follow those before them")
        for previous, one in pairs
        if json.loads(one.body).get("previous") != previous
    ]


def _differences(kept: Sequence[Signed], published: Sequence[Signed]) -> list[Problem]:
    by_day = {one.day: one.body for one in kept}
    return [
        Problem(chain=f"signed heads of {one.day}", seq=0, what="differ from those that were published")
        for one in published
        if by_day.get(one.day) != one.body
    ]


def _digest(signed: Signed) -> str:
    return hashlib.sha256(signed.body.encode()).hexdigest()


def _append(path: Path, signed: Signed) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(signed.model_dump_json() + "\n")
