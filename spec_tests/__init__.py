"""The specification, executable: one module for each chapter, one test for each clause."""
