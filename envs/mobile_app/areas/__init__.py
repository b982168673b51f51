"""The tools of a phone, a file for each of its seven areas. A tool changes its own area only."""
