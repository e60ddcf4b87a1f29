"""The workbench of the executable specification of a work queue."""
