# SPDX-License-Identifier: BSD-3-Clause
"""python3 -m showing, with tools/ in PYTHONPATH: called by tools/demo."""
import sys

try:
    from showing import show
    sys.exit(show.main(sys.argv[1:]))
except KeyboardInterrupt:  # before the demo listens to signals; nothing is there yet
    sys.exit(130)
