"""Tasks: where they come from (source), their proof, and other words for them."""

from raytool.tasks.source import TaskError, TaskSource, Trained, check, load, write

__all__ = ["TaskError", "TaskSource", "Trained", "check", "load", "write"]
