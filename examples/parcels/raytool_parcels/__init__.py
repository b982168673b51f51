"""A parcel service for raytool: an environment, the tasks in it, and a reward."""
