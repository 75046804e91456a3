"""What people do in the workspace: talk, click, command, fill in forms."""
