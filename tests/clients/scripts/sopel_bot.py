"""Sopel, which refuses to run as root; a machine for tests may have nobody else. Argument: its config."""

import os
import sys

os.getuid = os.geteuid = lambda: 1000

from sopel.cli.run import main  # noqa: E402 (it looks when it is loaded)

sys.exit(main(["start", "-c", sys.argv[1]]))
