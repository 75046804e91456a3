"""Writes a new plugin that passes the gates at once: module, test and fixture (`make new-plugin KIND=.. NAME=..`)."""

import keyword
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

from incident_copilot.errors import ConfigError
from incident_copilot.plugins.templates import TEMPLATES

ROOT = Path(__file__).parents[3]


def write(kind: str, name: str, root: Path) -> list[Path]:
    """Write module, test and fixture below `root` and return their paths.

    Raises ConfigError, before anything is written: an unknown kind, or a name that is no module's or is taken.
    """
    if kind not in TEMPLATES:
        raise ConfigError(f"KIND={kind}: there is no such kind of plugin; use one of {', '.join(TEMPLATES)}")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,29}", name) or keyword.iskeyword(name):
        raise ConfigError(f"NAME={name}: use 2 to 30 small letters, digits and underscores, such as my_vendor")
    contents = dict(zip(_paths(kind, name, root), TEMPLATES[kind], strict=True))
    taken = [path for path in contents if path.exists()]
    if taken:
        raise ConfigError(f"NAME={name}: {taken[0].relative_to(root)} is there already; choose another name")
    words = {
        "kind": kind,
        "name": name,
        "Class": name.title().replace("_", ""),
        "Vendor": name.replace("_", " ").title(),
    }
    for path, template in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(template).substitute(words), encoding="utf-8")
    return list(contents)


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Write the plugin and say what to do next; returns 1 and the problem for a wrong call."""
    try:
        kind, name = arguments
        paths = write(kind, name, root)
    except ValueError:
        sys.stderr.write(f"usage: make new-plugin KIND=<{'|'.join(TEMPLATES)}> NAME=my_vendor\n")
        return 1
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    written = "\n".join(f"  {path.relative_to(root)}" for path in paths)
    sys.stdout.write(
        f"Wrote\n{written}\n"
        "1. Replace the fixture with a body the vendor really sends, secrets removed.\n"
        "2. Put the address of the vendor's API page into the module's docstring.\n"
        f"3. List it in copilot.yaml:  {kind}: [{{plugin: {name}}}]\n"
    )
    return 0


def _paths(kind: str, name: str, root: Path) -> tuple[Path, Path, Path]:
    """Return where module, test and fixture go, in the order of the templates."""
    return (
        root / "src/incident_copilot/plugins" / kind / f"{name}.py",
        root / "tests/plugins" / kind / f"test_{name}.py",
        root / "tests/fixtures" / f"{name}.json",
    )


# Only a process of its own runs this, which the tests start and coverage does not see.
if __name__ == "__main__":  # pragma: no cover
    sys.exit(main(sys.argv[1:]))
