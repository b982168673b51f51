"""The evaluation program says what is wrong with the way in which calls are asked for, and leaves nothing behind."""

import os
import subprocess
import sys

from raytool import pretrained
from tests.integration.conftest import ROOT


def test_a_template_without_tools_is_refused():
    environment = {key: value for key, value in os.environ.items() if key != "RAY_ADDRESS"}
    asked = ["--model", pretrained.EMBEDDED, "--suite", "tests.evaluation.few:Few", "--dialect", "template"]
    done = subprocess.run(
        [sys.executable, "-m", "raytool.evaluate", *asked], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    told = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert len(told) == 1 and "the model's chat template shows no tools; name one of python, nexusraven, hermes" in told[0]
