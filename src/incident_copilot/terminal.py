"""What commands print of texts from outside: what can be seen of it, so that nothing in it steers a terminal."""

import typer

from incident_copilot.domain.visible import visible


def say(text: str) -> None:
    """Print a text; escape sequences, and other characters that nobody sees, are left out."""
    typer.echo(visible(text))
