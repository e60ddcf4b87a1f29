"""A plugin of pytest for runs of the suite: the editions lie in the folder that the variable EDITIONS names."""

import os
from pathlib import Path

from workqueue_spec.specification import edition

edition.FOLDER = Path(os.environ["EDITIONS"])
