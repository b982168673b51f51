"""The benchmarks that raytool knows by name, a file each. They are imported when they are asked for."""

SUITES: dict[str, str] = {
    "apibench": "raytool.evaluation.suites.apibench:ApiBench",
    "bfcl": "raytool.evaluation.suites.bfcl:Bfcl",
    "evolution": "raytool.evaluation.suites.evolution:Evolution",
    "retention": "raytool.evaluation.suites.retention:Retention",
    "rotbench": "raytool.evaluation.suites.rotbench:RoTBench",
    "selection": "raytool.evaluation.suites.selection:Selection",
    "scenarios": "raytool.evaluation.suites.scenarios:Scenarios",
    "toolalpaca": "raytool.evaluation.suites.toolalpaca:ToolAlpaca",
    "tooleyes": "raytool.evaluation.suites.tooleyes:ToolEyes",
}
