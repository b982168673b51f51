"""The tools of a household, a file for each of its seven areas. A tool reads and changes its own area only."""
