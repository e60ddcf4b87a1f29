"""`./spec profile`: checks a profile, or writes one."""
