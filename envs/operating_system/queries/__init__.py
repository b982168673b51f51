"""Every recipe for a request."""

from __future__ import annotations

from envs.operating_system.queries import accounts, archives, chains, jobs, processes, software, texts, tree
from envs.scenario.desk import recipes_of

RECIPES = recipes_of(texts, tree, archives, processes, software, accounts, jobs, chains)
