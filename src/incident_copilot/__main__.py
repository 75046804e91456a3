"""python -m incident_copilot: the same as the command incident-copilot."""

from incident_copilot.cli import main

main()
