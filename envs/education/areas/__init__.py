"""The tools of a college, a file for each of its seven areas. A tool changes the records of its own area only."""
