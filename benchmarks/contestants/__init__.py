"""One module each: the same machines by hand, with statecraft and with its peers.

A contestant offers a function for every row in which it can take part; each returns a ``Work``.
"""
