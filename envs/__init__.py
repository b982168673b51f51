"""Environments, as gymnasium knows them: `gymnasium.make("envs:Office-v0")`."""

import gymnasium

gymnasium.register("Education-v0", entry_point="envs.education:Education")
gymnasium.register("FunctionCall-v0", entry_point="envs.function_call:FunctionCall")
gymnasium.register("Office-v0", entry_point="envs.office:Office")
