"""`make evals`: run them all, or those named with --only, one after the other."""

import argparse
import importlib
import pkgutil
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """Return the evals there are: the modules with a `main`."""
    found = sorted(module.name for module in pkgutil.iter_modules([str(HERE)]))
    return [name for name in found if "\ndef main(" in (HERE / f"{name}.py").read_text() and name != "__main__"]


def main() -> int:
    """Print the tables of each; returns the worst exit code."""
    parser = argparse.ArgumentParser(prog="make evals", description=__doc__)
    parser.add_argument(
        "--only", default="", metavar="NAMES", help=f"as in logs,petshop; there are {', '.join(names())}"
    )
    wanted = [name for name in parser.parse_args().only.split(",") if name] or names()
    if unknown := set(wanted) - set(names()):
        parser.error(f"there is no eval {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    worst = 0
    for name in wanted:
        print(f"\n# {name}\n", flush=True)
        began = time.monotonic()
        worst = max(worst, importlib.import_module(f"evals.{name}").main([]) or 0)
        print(f"\n({name}: {time.monotonic() - began:.0f} s)", flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
