"""Keeps documents as HTML files in a folder of this machine, such as one that Google Drive for desktop shares.

1. Each file stands alone, its pictures in it: Google Docs, Word and LibreOffice open it as a document. 2. A newer text
takes the place of the older one. 3. Whoever may read the folder reads the postmortems; the files carry no script.

API: https://developers.google.com/workspace/drive/api/guides/manage-uploads#import-docs
"""

import asyncio
import os
import tempfile
from pathlib import Path

from incident_copilot.domain.base import Frozen
from incident_copilot.domain.document import Document, Form
from incident_copilot.errors import VendorRefused
from incident_copilot.ports import DocumentTarget, PluginEnv, Receipt


class Options(Frozen):
    """The folder, which must be there: one that is made by mistake would be looked for in vain."""

    path: Path


def create(env: PluginEnv, options: Options) -> DocumentTarget:
    """Return the target."""
    del env
    return Folder(options)


class Folder:
    """One folder."""

    form = Form.HTML
    takes_changes = False

    def __init__(self, options: Options) -> None:
        self.name = f"folder {options.path}"
        self._path = options.path

    async def put(self, document: Document) -> Receipt:
        """Write the file whole, or not at all. Raises VendorRefused naming the folder and what is wrong with it."""
        await self.check()
        target = self._path / f"{document.name}.html"
        try:
            await asyncio.to_thread(_write, target, document.text)
        except OSError as error:
            raise VendorRefused(f"{target}: {error.strerror}; let the copilot write there", 0) from error
        return Receipt(ref={"file": str(target)})

    async def check(self) -> None:
        """See that the folder is there. Raises VendorRefused."""
        if not self._path.is_dir():
            raise VendorRefused(f"{self._path}: no such folder; make it, or correct options.path", 0)


def _write(target: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
        file.write(text)
    Path(file.name).chmod(0o644)
    os.replace(file.name, target)  # noqa: PTH105 -- says that it is one step
