"""What the scenarios share: an environment whose goal is a state, a desk to write requests at, and the drawing of tasks."""

from envs.scenario.drawing import Scenario

__all__ = ["Scenario"]
