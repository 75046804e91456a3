"""Quality measured on recorded incidents; see README.md beside this file."""
