"""Print a page as PDF with the browser of this machine; the page loads and runs nothing, so that nothing is fetched."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from incident_copilot.errors import ConfigError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DEADLINE_S = 60


def pdf(html: str) -> bytes:
    """Return the page as PDF.

    Raises:
        ConfigError: there is no browser, or it did not print; says what to do.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise ConfigError(
            "Chromium or Chrome prints PDFs, and neither is installed; install the package chromium, "
            "or write the page with --as html and print it in any browser"
        )
    with tempfile.TemporaryDirectory() as scratch:
        page, printed = Path(scratch, "page.html"), Path(scratch, "page.pdf")
        page.write_text(html, encoding="utf-8")
        said = _print(browser, page, printed)
        if not printed.is_file():
            raise ConfigError(f"{browser} printed nothing ({said}); write the page with --as html and print it there")
        return printed.read_bytes()


def _print(browser: str, page: Path, printed: Path) -> str:
    """Return the last line of what the browser said, which is noise where it has printed."""
    # As root it does not start with its sandbox; the page is our own, and its policy forbids scripts and loading.
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = ["--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={page.parent}/profile"]
    command = [browser, *options, *alone, f"--print-to-pdf={printed}", page.as_uri()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
