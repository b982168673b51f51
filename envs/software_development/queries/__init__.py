"""Every recipe for a request."""

from __future__ import annotations

from envs.scenario.desk import recipes_of
from envs.software_development.queries import chains, code, database, issues, releases, repository, testing

RECIPES = recipes_of(repository, code, issues, testing, releases, database, chains)
