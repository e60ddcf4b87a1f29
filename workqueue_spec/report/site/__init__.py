"""The site: pages of many runs, as a pure function of their JSON reports."""
