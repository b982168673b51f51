"""Every recipe for a request."""

from __future__ import annotations

from envs.office.queries import calendar, chains, contacts, documents, mail, sheets, todos
from envs.office.queries.desk import Recipe

MODULES = (mail, calendar, contacts, documents, sheets, todos, chains)
RECIPES: tuple[Recipe, ...] = tuple(value for module in MODULES for value in vars(module).values() if isinstance(value, Recipe))
