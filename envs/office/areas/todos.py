"""The tools over to-dos."""

from __future__ import annotations

from typing import Any

from envs.office.world import Priority, Todo, World
from envs.scenario.checks import check_text, checked_date
from raytool.env import ToolError, tool

SHOWN = 3  # entries of a listing; the count is always of all


class Todos:
    """Three tools; a to-do that is done is no longer listed."""

    world: World

    @tool
    def create_todo(self, text: str, due: str, priority: Priority = "normal") -> dict[str, str]:
        """Add a to-do.

        Args:
            text: what to do
            due: YYYY-MM-DD
            priority: how urgent

        Returns:
            The id of the to-do.

        Raises:
            ToolError: the text is empty, or the date is none.
        """
        check_text(text=text)
        todo = Todo("", text, checked_date(due), priority)
        todo.id = self.world.new_id("t")
        self.world.todos[todo.id] = todo
        return {"id": todo.id}

    @tool
    def list_todos(self, due_by: str = "") -> dict[str, Any]:
        """List the open to-dos.

        Args:
            due_by: YYYY-MM-DD, default all

        Returns:
            Their count, and the id, text, due date and priority of those due first.

        Raises:
            ToolError: the date is none.
        """
        todos = self.world.open_todos(checked_date(due_by) if due_by else "")
        columns = ("id", "text", "due", "priority")
        return {"count": len(todos), "todos": [{name: getattr(todo, name) for name in columns} for todo in todos[:SHOWN]]}

    @tool
    def complete_todo(self, todo_id: str) -> dict[str, str]:
        """Mark a to-do as done.

        Args:
            todo_id: e.g. t12

        Returns:
            Its text.

        Raises:
            ToolError: there is no such to-do, or it is done already.
        """
        todo = self.world.todos.get(todo_id)
        if todo is None:
            raise ToolError(f"no to-do {todo_id!r}")
        if todo.done:
            raise ToolError(f"to-do {todo_id} is done already")
        todo.done = True
        return {"completed": todo.text}
