"""Parts of erasing a person: our messages in the chat that name them, and what names them and is not ours to change."""
