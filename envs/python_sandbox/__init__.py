"""A code tool: programs that the model writes run in a sandbox, over a folder that lasts for the episode."""

from envs.python_sandbox.env import PythonSandbox
from envs.python_sandbox.queries import tasks
from envs.python_sandbox.sandbox import Limits

__all__ = ["Limits", "PythonSandbox", "tasks"]
