"""The tools of a project, a file for each of its six areas. A tool changes its own area only."""
