"""Text without what nobody sees: terminal escapes, control, bidirectional, zero-width and tag characters."""

import re

# Escape sequences of terminals (CSI, OSC ended by BEL or ST, and the two-character ones). One that nobody ends is over
# with its line: else whoever begins one takes away what others wrote below.
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\r\n\u2028\u2029]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]?")
# C0 without tab and newline, DEL and C1, soft hyphen, bidirectional marks, zero width, joiners, invisible operators,
# byte order mark, interlinear marks, the tags block and the variation selectors that can smuggle text.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """Return what of a text can be seen; every kind of line end becomes a newline, a lone surrogate U+FFFD."""
    text = _ANSI.sub("", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _LONE_SURROGATE.sub("\ufffd", _UNSEEN.sub("", text))
