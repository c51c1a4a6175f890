"""Compares statecraft with hand-written code and with its peers: ``python -m benchmarks``."""
