"""The specification as tests: one file for each chapter, one test for each clause."""
