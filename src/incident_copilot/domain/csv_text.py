"""CSV, as spreadsheets open it: what would be taken for a formula is text."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV, one line a row; numbers stay as they are."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(headings)
    table.writerows([_inert(cell) for cell in row] for row in rows)
    return written.getvalue()


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
