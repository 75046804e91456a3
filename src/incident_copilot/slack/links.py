"""Links to messages of the workspace."""


def permalink(url: str, ref: str | None) -> str | None:
    """Return the address of a message by where its workspace is and `ref`, channel:ts; None where either is unknown."""
    channel, _, ts = (ref or "").partition(":")
    if not url or not channel or not ts:
        return None
    return f"{url}archives/{channel}/p{ts.replace('.', '')}"
