"""What a workspace holds, and what may be done to it; every change is announced to the app and to watchers."""
