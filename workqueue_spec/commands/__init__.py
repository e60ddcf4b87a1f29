"""The commands of `./spec`."""
