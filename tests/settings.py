"""The portal's settings in test mode, whatever the shell says."""

import os

os.environ["QCPORTAL_MODE"] = "test"

from qcportal.settings import *  # noqa: F403 -- the mode must be set first
