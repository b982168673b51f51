"""Environments, as gymnasium knows them: `gymnasium.make("envs:Office-v0")`."""

import gymnasium

gymnasium.register("FunctionCall-v0", entry_point="envs.function_call:FunctionCall")
gymnasium.register("Office-v0", entry_point="envs.office:Office")
gymnasium.register("SoftwareDevelopment-v0", entry_point="envs.software_development:SoftwareDevelopment")
