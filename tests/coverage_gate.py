"""A run fails unless its tests reach every line and every branch of the program: `pytest -p tests.coverage_gate`.

SlipCover writes probes into the bytecode of the program while it is imported, so this plugin comes before anything that
imports the program. A probe costs next to nothing; the trace function that coverage.py needs on Python 3.11 costs as
much as the tests.
"""

import io
import json
import os
from pathlib import Path

import pytest
import slipcover

PROGRAM = "src/incident_copilot"
KEPT = Path(".coverage.json")
NEVER = 2**31 - 1
"""How often a probe must be passed for nothing before SlipCover takes it out, which costs more than it saves."""
EXCLUDED = [r"^\s*\.\.\.$"]


class Probes:
    """What the tests of this process reach, without stories: each line has a test of its own beside them."""

    def __init__(self, paths):
        self._reached = None
        self._slipcover = slipcover.Slipcover(branch=True, d_miss_threshold=NEVER, exclude_also=EXCLUDED)
        slipcover.ImportManager(self._slipcover, slipcover.FileMatcher(sources=paths)).__enter__()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item):
        """Count no more from the first story on; what counts has run before."""
        if self._reached is None and item.get_closest_marker("story"):
            self._reached = self._slipcover.get_coverage()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        """Hand over to the gate, which may be in another process."""
        reached = self._reached or self._slipcover.get_coverage()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["reached"] = json.dumps(reached)
        else:
            session.config.pluginmanager.getplugin("coverage_gate").add(reached)


class Gate:
    """What the tests of all processes reach, and whether that is everything."""

    def __init__(self, paths, reached=None):
        self._paths = [Path(path) for path in paths]
        self._reached = reached

    def add(self, reached):
        self._reached = slipcover.merge_coverage(self._reached, reached) if self._reached else reached

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        if reached := getattr(node, "workeroutput", {}).get("reached"):
            self.add(json.loads(reached))

    def pytest_sessionfinish(self, session):
        if self._reached:
            KEPT.write_text(json.dumps(self._reached))
        if not self._is_all_reached() and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.section("coverage")
        if self._reached:
            table = io.StringIO()
            slipcover.print_coverage(self._reached, outfile=table, skip_covered=True)
            terminalreporter.write_line(table.getvalue())
        for path in self._never_imported():
            terminalreporter.write_line(f"{path} is never imported")
        every = (
            "Every line and branch is reached." if self._is_all_reached() else "Not every line and branch is reached."
        )
        terminalreporter.write_line(every)

    def _is_all_reached(self):
        files = self._reached["files"].values() if self._reached else ()
        return not self._never_imported() and not any(one["missing_lines"] or one["missing_branches"] for one in files)

    def _never_imported(self):
        files = self._reached["files"] if self._reached else {}
        modules = {str(module) for path in self._paths for module in ([path] if path.is_file() else path.rglob("*.py"))}
        return sorted(modules - set(files))


def pytest_addoption(parser):
    group = parser.getgroup("coverage gate")
    group.addoption("--reach", action="append", metavar="PATH", help=f"what to reach instead of {PROGRAM}")
    group.addoption("--reach-on", action="store_true", help="add to what the run before this one reached")
    group.addoption("--no-gate", action="store_true", help="do not ask what is reached, for a few tests alone")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Begin before any conftest.py is read. Where workers run the tests, only they need probes."""
    options = early_config.known_args_namespace
    if options.no_gate:
        return
    paths = options.reach or [PROGRAM]
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if not is_worker:
        kept = json.loads(KEPT.read_text()) if options.reach_on and KEPT.exists() else None
        early_config.pluginmanager.register(Gate(paths, kept), "coverage_gate")
    if is_worker or not getattr(options, "numprocesses", None):
        early_config.pluginmanager.register(Probes(paths), "coverage_probes")
