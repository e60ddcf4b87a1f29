"""Tests of the GitHub action: action.yml and the scripts in .github/action."""
