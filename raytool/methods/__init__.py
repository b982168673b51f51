"""The ideas of the papers, one file each: which tokens of a demonstration carry loss, and how much. Pure functions of records and texts."""
