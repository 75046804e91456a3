"""incident-copilot demo --headless: the whole story with scripted people; the exit code says whether it happened."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from incident_copilot.demo import results
from incident_copilot.demo.stage import on_stage
from incident_copilot.demo.steps import STEPS
from incident_copilot.demo.story import Step, Story, say


async def headless(
    out: Path,
    *,
    scenario: str | Path = "bad_deploy",
    settings: Mapping[str, str] | None = None,
    steps: Sequence[Step] = STEPS,
) -> int:
    """Play the story, write its results to `out`, and return the exit code: 0 only if every step happened.

    `scenario` may be another file of the same story; `settings` are further variables for the copilot.
    """
    folder = Path("var/demo") / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-headless"
    async with on_stage(folder, settings=settings) as stage:
        story = Story(stage, out, scenario)
        for step in steps:
            if not await story.play(step):
                results.write_transcript(out, stage.sandbox.transcript())
                say(f"What people saw until then is in {out / results.TRANSCRIPT}; the copilot's log is in {folder}.")
                return 1
    say(f"Everything happened. The results are in {out}.")
    return 0
