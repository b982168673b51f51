"""Every recipe for a request."""

from __future__ import annotations

from envs.office.queries import calendar, chains, contacts, documents, mail, sheets, todos
from envs.scenario.desk import recipes_of

RECIPES = recipes_of(mail, calendar, contacts, documents, sheets, todos, chains)
