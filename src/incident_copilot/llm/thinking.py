"""What a model thinks before it answers, where its server leaves that in the text; it may hold drafts of the answer."""

_BEGINS = ("<think>", "<thinking>", "<thought>", "<reasoning>", "[THINK]", "<|channel|>analysis")
_ENDS = ("</think>", "</thinking>", "</thought>", "</reasoning>", "[/THINK]", "<|channel|>final<|message|>")


def without_thoughts(text: str) -> str:
    """Return what comes after the thoughts; nothing while they go on.

    Some templates begin them for the model, so that only their end is seen. An answer in JSON may quote it.
    """
    if text.lstrip().startswith("{"):
        return text
    said = text[max((text.rfind(end) + len(end) for end in _ENDS if end in text), default=0) :]
    return "" if said.lstrip().startswith(_BEGINS) else said
