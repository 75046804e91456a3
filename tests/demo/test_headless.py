"""The headless demo plays the whole story with scripted people, and its exit code tells whether it happened."""

import json

import pytest

from incident_copilot.demo.headless import headless
from incident_copilot.demo.steps import require
from incident_copilot.errors import CopilotError
from incident_copilot.sandbox.world.scenario import SCENARIOS

QUICK = {"COPILOT_VERIFY_EVERY_S": "0.5", "COPILOT_BRIEF_DEADLINE_S": "20"}


def quick_story(folder):
    """The shipped story, in which the second alert fires, heals and resolves sooner."""
    text = (SCENARIOS / "bad_deploy.yaml").read_text(encoding="utf-8")
    sooner = {"after_s: 25\n": "after_s: 3\n    resolves_after_s: 1\n", "heal_after_s: 4": "heal_after_s: 1"}
    for slow, soon in sooner.items():
        assert slow in text
        text = text.replace(slow, soon)
    text = text.replace("  - after_s: 0\n", "  - after_s: 0\n    resolves_after_s: 1\n", 1)
    path = folder / "quick.yaml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_every_step_happens_and_its_results_are_written(tmp_path, capsys):
    code = await headless(tmp_path / "out", scenario=quick_story(tmp_path), settings=QUICK)

    said = capsys.readouterr().out
    assert code == 0, said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "action-log.jsonl",
        "postmortem.html",
        "postmortem.md",
        "transcript.md",
    ]
    rows = [json.loads(line) for line in (tmp_path / "out" / "action-log.jsonl").read_text().splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert "Everything happened." in said
    assert "FAILED" not in said
    (log,) = tmp_path.glob("var/demo/*/copilot.log")
    assert "Traceback" not in log.read_text()


async def test_a_step_that_does_not_happen_ends_the_story_and_leaves_a_transcript(tmp_path, capsys):
    async def copilot_is_gone(story):
        """The copilot stays away."""
        bot = story.stage.bot
        await bot.stop(grace_s=0)
        await bot.kill()
        require(bot.status()["running"], f"pid {bot.status()['pid']}")

    async def is_not_reached(story):
        """Nobody plays this."""

    code = await headless(tmp_path / "out", steps=(copilot_is_gone, is_not_reached))

    said = capsys.readouterr().out
    assert code == 1
    assert said.startswith("FAILED  The copilot stays away: pid None\nWhat people saw until then is in ")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["transcript.md"]


async def test_a_copilot_that_does_not_start_is_said_with_its_log(tmp_path):
    with pytest.raises(CopilotError) as error:
        await headless(tmp_path / "out", settings={"COPILOT_PORT": "not a port"})

    (log,) = tmp_path.glob("var/demo/*/copilot.log")
    assert str(error.value) == f"the copilot did not start; see {log}"
    assert log.read_text().startswith("COPILOT_PORT: ")
