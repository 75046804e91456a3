"""A kill -9 at any moment costs a pause and nothing else; `make crash-sweep` tries every crossing."""

from chaos.sweep import new_file, spread, sweep

LIMIT_S = 12


async def test_nothing_is_lost_and_nothing_happens_twice(tmp_path):
    made = await sweep(tmp_path, new_file, spread(560), workers=3, limit_s=LIMIT_S)

    assert [(trial.where, trial.problems) for trial in made.violations] == []
    assert len(made.crashes) >= 3
