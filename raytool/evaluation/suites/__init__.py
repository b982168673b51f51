"""The benchmarks that raytool knows by name, a file each. They are imported when they are asked for."""

SUITES: dict[str, str] = {
    "bfcl": "raytool.evaluation.suites.bfcl:Bfcl",
    "rotbench": "raytool.evaluation.suites.rotbench:RoTBench",
    "toolalpaca": "raytool.evaluation.suites.toolalpaca:ToolAlpaca",
}
