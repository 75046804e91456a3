"""Speed and loss, measured beside peers: `make bench` runs B1 to B11 and writes results.md."""
