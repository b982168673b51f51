"""The tools of a smart home, a file for each of its seven areas. A tool changes its own area only."""
