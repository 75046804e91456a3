"""Charts of a metric and of the timeline: one layout, drawn as SVG for pages and as PNG for the chat."""
