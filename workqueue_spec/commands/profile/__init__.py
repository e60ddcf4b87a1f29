"""`./spec profile`: checks a profile, or tries out a program and writes its profile."""
