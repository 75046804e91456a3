"""The control API: the page and the demo see the workspace and act in it as its people."""
