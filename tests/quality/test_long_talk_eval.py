"""The eval of a long channel: what of it reaches a model, what its parts keep, and what the digest of them says."""

import re
from datetime import timedelta

from evals import llm, long_talk, parts

from incident_copilot.domain.model_call import ModelCall
from incident_copilot.errors import ModelUnavailable
from incident_copilot.ports import Answered

CALL = ModelCall(model="small", outcome="answered", latency_ms=2_000, input_tokens=900, output_tokens=100)
KEY = re.compile(r"decided|nimbus|Basel|2\.1 million")


class Sums:
    """A model that repeats the lines that matter, and of the parts the first three; or is away for these."""

    def __init__(self, away=""):
        self.away = away

    def room(self, role):
        return None

    async def ask(self, prompt, leaving, answer_type, *, deadline, role=None):
        if prompt.purpose == self.away:
            raise ModelUnavailable("hung", CALL.model_copy(update={"outcome": "hung"}))
        lines = dict(line.split(": ", 1) for line in leaving.text.splitlines())
        found = [(key, text) for key, text in lines.items() if KEY.search(text)]
        said = [{"text": text, "evidence": [key]} for key, text in found[:3]]
        return Answered(answer_type.model_validate({"sentences": said}), CALL)


async def digested(**how):
    return [one async for one in long_talk.tell(long_talk.read(), Sums(**how), timedelta(seconds=1))]


async def test_key_facts_are_followed_from_the_channel_to_the_digest(capsys):
    [one] = await digested()
    table = long_talk.report("tiny", [one])

    for row in (
        "One channel of 430 messages, once",
        "Prompts: digest.part 1, digest.whole 1.",
        "| told | 326 of 430 messages used |",
        "| sentences of the digest | 3 |",
        "| questions | 6 |",
        "| `digest.whole 1`: sentences that stand | 3 of 3 |",
        "| tokens the digest, mean | 6,000 |",
        "| pinned | 3 of 3 | 3 of 3 | 2 of 3 | 3 of 3 |",
        "| early | 3 of 3 | 1 of 3 | 1 of 3 | 0 of 3 |",
        "| middle | 3 of 3 | 1 of 3 | 0 of 3 | 0 of 3 |",
        "| late | 3 of 3 | 3 of 3 | 0 of 3 | 1 of 3 |",
    ):
        assert row in table
    assert long_talk.said_of(one) == "3 of 12 key facts; 326 of 430 messages used; 6000 tokens, 12 s"
    assert capsys.readouterr().out.count("digest.part: 6") == 5


async def test_where_nothing_puts_the_parts_together_they_are_the_digest():
    [one] = await digested(away="digest.whole")

    assert [line.partition(": ")[2] for line in one.parts.splitlines()] == [*one.whole]
    assert len(one.whole) == 8


def test_the_channel_is_the_same_each_time_and_most_of_it_is_small_talk():
    [channel], [again] = long_talk.read(), long_talk.read()

    assert channel == again
    assert len(channel.talk.messages) == 430
    assert {place: len(some) for place, some in channel.facts.items()} == dict.fromkeys(
        ("pinned", "early", "middle", "late"), 3
    )


async def test_a_part_keeps_its_section_after_each_item(tmp_path, capsys):
    out = tmp_path / "results.md"
    asked = llm.arguments(["--model", "tiny", "--only", "judge", "--cases", "2", "--out", str(out)])

    class Good:
        def room(self, role):
            return None

        async def ask(self, prompt, leaving, answer_type, *, deadline, role=None):
            return Answered(answer_type.model_validate({"good": True}), CALL)

    await parts.by_name(llm.keep)[asked.only](Good(), asked)

    assert out.read_text().startswith("# Results with a model\n\n## tiny, judge\n\n2 answers, 1 of them good")
    assert capsys.readouterr().out.count("once each") == 1
