"""What is measured, computed in one place from the log and rows; Slack, pages, Prometheus and CSV only show it."""
