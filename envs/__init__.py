"""Environments, as gymnasium knows them: `gymnasium.make("envs:Office-v0")`."""

import gymnasium

gymnasium.register("BfclApis-v0", entry_point="envs.bfcl_apis:BfclApis")
gymnasium.register("Clock-v0", entry_point="envs.mcp_time:Clock")
gymnasium.register("DailyLife-v0", entry_point="envs.daily_life:DailyLife")
gymnasium.register("Education-v0", entry_point="envs.education:Education")
gymnasium.register("FunctionCall-v0", entry_point="envs.function_call:FunctionCall")
gymnasium.register("HumanEval-v0", entry_point="envs.humaneval:HumanEval")
gymnasium.register("IoT-v0", entry_point="envs.iot:IoT")
gymnasium.register("MobileApp-v0", entry_point="envs.mobile_app:MobileApp")
gymnasium.register("Office-v0", entry_point="envs.office:Office")
gymnasium.register("OperatingSystem-v0", entry_point="envs.operating_system:OperatingSystem")
gymnasium.register("PythonSandbox-v0", entry_point="envs.python_sandbox:PythonSandbox")
gymnasium.register("Question-v0", entry_point="envs.question:Question")
gymnasium.register("SoftwareDevelopment-v0", entry_point="envs.software_development:SoftwareDevelopment")
gymnasium.register("ToolEyes-v0", entry_point="envs.tooleyes:ToolEyes")
