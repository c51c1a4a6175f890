"""Lets ``python -m statecraft`` run the command line."""

import sys

from statecraft.cli import main

if __name__ == "__main__":
    sys.exit(main())
