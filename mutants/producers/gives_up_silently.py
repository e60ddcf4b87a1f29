"""A producer that does not say why it failed if no broker answers.

Breaks P12.
"""

import sys

from reference import new_task

new_task.log.warning = lambda *about: None
new_task.log.addFilter(lambda record: "given up" not in record.msg)

sys.exit(new_task.main(sys.argv[1:]))
