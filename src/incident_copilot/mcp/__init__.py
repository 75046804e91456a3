"""The copilot as a server of the Model Context Protocol: other agents read incidents through it, in somebody's name.

protocol          one message in, its answer out
tools             what may be asked
stdio             lines of standard input and output

https://modelcontextprotocol.io/specification/2025-06-18/server
"""
