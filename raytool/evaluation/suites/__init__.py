"""The benchmarks that raytool knows by name, a file each. They are imported when they are asked for."""

SUITES: dict[str, str] = {
    "apibench": "raytool.evaluation.suites.apibench:ApiBench",
    "retention": "raytool.evaluation.suites.retention:Retention",
    "scenarios": "raytool.evaluation.suites.scenarios:Scenarios",
    "tooleyes": "raytool.evaluation.suites.tooleyes:ToolEyes",
    # "raytool.evaluation.suites.retention:Retention",
}
