"""The commands of `./spec`, each in a module of its own."""
