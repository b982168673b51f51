"""The tools of an office, a file for each of its six areas. A tool reads and changes its own area only."""
