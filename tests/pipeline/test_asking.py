"""Sources that are slower than the brief: what they have so far, and what comes later."""

import asyncio
from datetime import timedelta

import pytest

from incident_copilot.pipeline.asking import Asking, forget, remember
from incident_copilot.pipeline.gather_context import question_about
from incident_copilot.vendors.together import ask_all

from .samples import alert, evidence, incident
from .test_gather_context import Source

NOW, LONG = timedelta(0), timedelta(seconds=30)


class InParts(Source):
    """A source that asks several things, of which the last one hangs."""

    async def gather(self, question):
        async def part(item):
            return [item]

        return await ask_all([*(part(item) for item in self.found), super().gather(question)])


@pytest.fixture
def begun(deps):
    """Asks the sources."""
    return lambda *sources: Asking.begin(sources, question_about(deps, incident(), [alert()]))


def told(bundle):
    return [item.title for item in bundle.evidence], [f"{gap.source}: {gap.reason}" for gap in bundle.gaps]


async def test_what_a_slow_source_has_found_so_far_is_there(begun):
    asking = begun(InParts("Loki", [evidence(title="a"), evidence(title="b")], is_slow=True))

    assert told(await asking.heard(timedelta(seconds=0.01), is_last=False)) == (["a", "b"], ["Loki: no answer yet"])
    assert told(await asking.heard(NOW)) == (["a", "b"], ["Loki: no answer in 0 s"])


async def test_next_answer_is_told_and_who_is_still_missing(begun):
    asking = begun(Source("Loki", [evidence(title="a")]), Source("Tempo", is_slow=True))

    bundle = await asking.more(LONG)

    assert (told(bundle), bundle.still_asked) == ((["a"], ["Tempo: no answer yet"]), ("Tempo",))
    asking.supersede()


async def test_last_answer_ends_the_waiting(begun):
    gate = asyncio.Event()
    asking = begun(Source("Loki", [evidence(title="a")], gate=gate))
    gate.set()

    bundle = await asking.more(LONG)

    assert (told(bundle), bundle.still_asked, asking.pending) == ((["a"], []), (), [])


async def test_who_is_cut_off_asks_no_further(begun):
    asking = begun(Source("Loki", is_slow=True))
    waiting = asyncio.create_task(asking.heard(LONG))
    await asyncio.sleep(0)

    waiting.cancel()
    await asyncio.wait([waiting, *(one.task for one in asking.asked)])

    assert (waiting.cancelled(), asking.pending) == (True, [])


async def test_newer_asking_takes_the_place_of_the_older_and_of_what_is_forgotten(begun):
    held = {}
    older, other, newer = begun(), begun(), begun()
    remember(held, "inc", older)
    remember(held, "elsewhere", other)
    other.began_at -= 1000

    remember(held, "inc", newer)

    assert held == {"inc": newer}
    assert (older.is_superseded, other.is_superseded, newer.is_superseded) == (True, True, False)
    forget(held, "inc", older)
    assert held == {"inc": newer}
    forget(held, "inc", newer)
    assert held == {}
