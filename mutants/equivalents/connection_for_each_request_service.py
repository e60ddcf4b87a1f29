"""A service that opens a connection for each request.

Breaks nothing.
"""

from mutants import _service

_service.serve()
