"""Speed and loss, measured beside peers: `make bench` runs B1 to B10 and writes results.md."""
