"""The tools of a machine, a file for each of its seven areas: three over its files, and one each over what else it runs."""
