"""A worker whose queue is bound to a topic exchange. It declares the exchange, the queue and the binding.

Runs with the profile topic.

Breaks nothing.
"""

import sys

from mutants import _topic
from reference import worker

worker.declare = _topic.declare

sys.exit(worker.main())
