"""Speed and loss, measured beside peers: `make bench` runs B1 to B8 and writes results.md."""
