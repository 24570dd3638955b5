"""`python -m volenti` is the command `volenti`. Safest as `python -P -m volenti`."""

import sys

if not sys.flags.safe_path:
    # Without -P Python looks for modules in the current folder first, where a delivered file may lie.
    del sys.path[0]

from volenti.cli.main import run

if __name__ == "__main__":
    run()
