"""A plug-in string that leads nowhere gives a PluginError that names the string and says what was tried."""

import sys
import textwrap
import tomllib
from pathlib import Path

import gymnasium
import pytest
from setuptools import find_packages

from envs.function_call import FunctionCall
from raytool import plugins
from raytool.env import EnvironmentLost
from raytool.plugins import PluginError
from raytool.records import UserError
from rewards.tl_training import TLTraining


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes an importable module; its name is returned."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, source):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return name

    yield write
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_module_and_attribute():
    assert plugins.load("rewards.tl_training:TLTraining", "raytool.rewards") is TLTraining
    assert isinstance(plugins.make_env("envs.function_call:FunctionCall"), FunctionCall)


@pytest.mark.parametrize("name", ["envs:FunctionCall-v0", "FunctionCall-v0"])
def test_a_gymnasium_id(name):
    import envs  # noqa: F401  (registers the second form)

    assert isinstance(plugins.make_env(name).unwrapped, FunctionCall)


def test_an_entry_point(monkeypatch, module):
    from importlib.metadata import EntryPoint

    broken = module("broken_entry", "import no_such_module")
    points = [
        EntryPoint("ladder", "rewards.tl_training:TLTraining", "raytool.rewards"),
        EntryPoint("gone", f"{broken}:X", "raytool.rewards"),
    ]
    monkeypatch.setattr(plugins, "entry_points", lambda group: [point for point in points if point.group == group])
    assert plugins.load("ladder", "raytool.rewards") is TLTraining
    with pytest.raises(PluginError, match=r"'lader'.*group raytool\.rewards \(gone, ladder\)"):
        plugins.load("lader", "raytool.rewards")
    with pytest.raises(PluginError, match=r"'gone'.*no_such_module"):
        plugins.load("gone", "raytool.rewards")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing_here:X", "no module 'nothing_here' (tried: import nothing_here)"),
        ("rewards.nothing_here:X", "no module 'rewards.nothing_here'"),
        ("rewards.tl_training:Ladder", "rewards.tl_training has no 'Ladder'; it has "),
        ("rewards.tl_training:", "has no ''"),
        (":X", "importing  failed"),
        (".tl_training:X", "importing .tl_training failed"),
        ("tl_training", "neither module:attribute nor an entry point of the group raytool.rewards"),
        ("", "neither module:attribute nor an entry point"),
    ],
)
def test_a_string_that_leads_nowhere(name, told):
    with pytest.raises(PluginError) as raised:
        plugins.load(name, "raytool.rewards")
    assert str(raised.value).startswith(f"plug-in '{name}'") and told in str(raised.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import no_such_module", "no module 'no_such_module'"),
        ("from os import no_such_name", "no_such_name"),
        ("1 / 0", "division by zero"),
        ("def f(:", "invalid syntax"),
    ],
)
def test_a_module_that_cannot_be_imported(module, source, told):
    name = module("broken_plugin", source)
    with pytest.raises(PluginError, match=f"'broken_plugin:X'.*{told}"):
        plugins.load(f"{name}:X", "raytool.envs")


UNHINTED = """
    from raytool.env import ToolEnv, tool

    class Shop(ToolEnv):
        @tool
        def buy(self, what):
            \"\"\"Buy something.\"\"\"
"""


@pytest.mark.parametrize("name", ["unhinted:Shop", "unhinted:Shop-v0"])
def test_a_tool_without_a_type_hint_names_tool_and_parameter(module, name):
    module("unhinted", UNHINTED)
    with pytest.raises(PluginError, match=r"unhinted\.Shop\.buy: parameter 'what' has no type hint"):
        plugins.make_env(name)


@pytest.mark.parametrize("name", ["control", "step", "start", "close", "task", "action_space", "finish", "ask_to_user"])
def test_a_tool_may_not_have_a_name_that_is_tool_envs_own(module, name):
    module("reserved", UNHINTED.replace("buy(self, what)", f"{name}(self, what: str)"))
    with pytest.raises(PluginError, match=rf"tool reserved\.Shop\.{name}: the name belongs to ToolEnv; name the tool otherwise$"):
        plugins.make_env("reserved:Shop")


def test_a_tool_that_is_a_coroutine_is_refused(module):
    module("asynchronous", UNHINTED.replace("def buy(self, what)", "async def buy(self, what: str) -> str"))
    with pytest.raises(PluginError, match=r"asynchronous\.Shop\.buy: it is 'async'; a plain method is expected"):
        plugins.make_env("asynchronous:Shop")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("NoSuch-v0", "NoSuch"),
        ("envs:NoSuch-v0", "NoSuch"),
        ("envs:Office-v99", "Office-v99"),
        ("no_such_module:X-v0", "no_such_module"),
        ("a:b:c-v0", "a:b:c-v0"),
        ("envs/../x-v0", "x-v0"),
        ("envs.function_call:np", "np"),  # a module
        ("raytool.records:NO_POLICY", "NO_POLICY"),  # a number
        ("raytool.records:Task", "Task"),  # a class that needs arguments
        ("rewards.tl_training:TLTraining", "TLTraining is no gymnasium.Env"),
    ],
)
def test_an_environment_that_cannot_be_made(name, told):
    with pytest.raises(PluginError) as raised:
        plugins.make_env(name)
    assert f"'{name}'" in str(raised.value) and told in str(raised.value)


def test_a_registered_environment_that_cannot_be_made(module):
    module("broken_env", "raise RuntimeError('no key for the service')")
    gymnasium.register("BrokenHere-v0", entry_point="broken_env:Env")
    try:
        with pytest.raises(PluginError, match=r"'BrokenHere-v0'.*no key for the service"):
            plugins.make_env("BrokenHere-v0")
    finally:
        del gymnasium.registry["BrokenHere-v0"]


def test_a_module_that_its_package_lacks_is_told_with_the_packages_folder(tmp_path, monkeypatch):
    """Python's path may hold another package of that name before the one that is meant."""
    (tmp_path / "my_envs").mkdir()
    (tmp_path / "my_envs" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    try:
        with pytest.raises(PluginError) as raised:
            plugins.make_env("my_envs.office:Office")
    finally:
        sys.modules.pop("my_envs", None)
    assert str(raised.value) == (
        f"plug-in 'my_envs.office:Office': no module 'my_envs.office' in {tmp_path}/my_envs, which is first of that name on Python's path "
        "(tried: import my_envs.office)"
    )


def test_an_installed_raytool_has_what_configs_name():
    """Packages are found as a build finds them; what they hold besides Python is named."""
    root = Path(__file__).parents[2]
    told = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]
    packages = find_packages(str(root), **told["packages"]["find"])
    assert {name.partition(".")[0] for name in packages} == {"raytool", "envs", "rewards"}
    for package in ("raytool", "envs", "rewards"):
        files = [path for path in (root / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        named = {
            path for name, globs in told["package-data"].items() for glob in globs for path in (root / name.replace(".", "/")).glob(glob)
        }
        assert {path for path in files if path.suffix != ".py"} == {path for path in named if path.is_relative_to(root / package)}
        assert {".".join(path.parent.relative_to(root).parts) for path in files} <= set(packages)


REWARDS = """
    from collections.abc import Sequence
    from raytool.records import Judgement

    class Cheap:
        def __init__(self, cost: float = 0.1, tools: Sequence[str] = ()):
            self.cost = cost

        def __call__(self, episode):
            return Judgement((), self.cost)

    class Keyed(Cheap):
        def __init__(self, **prices):
            super().__init__(prices["bread"])

    class Needing(Cheap):
        def __init__(self, cost: float):
            super().__init__(cost)

    class Idle:
        pass

    def judge(episode):
        return Judgement((), 0.0)
"""


@pytest.mark.parametrize("error", ["MemoryError()", "EnvironmentLost('its service is down')"])
def test_what_passes_is_no_mistake_of_an_environments_string(module, error):
    """Elsewhere, or later, it may be made: whoever asked tries again."""
    module(
        "broken",
        f"""
        import gymnasium
        from raytool.env import EnvironmentLost

        class Broken(gymnasium.Env):
            def __init__(self):
                raise {error}
    """,
    )
    with pytest.raises((MemoryError, EnvironmentLost)):
        plugins.make_env("broken:Broken")


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("judge", {"cost": 1}, "reward.name: 'costs:judge' is a function; a class is expected, whose instances take an Episode"),
        ("Idle", {}, "reward.name: costs:Idle: its instances cannot be called with an episode"),
        ("Cheap", {"cost": "high"}, "reward.options: costs:Cheap: cost: 'high' given; input should be a valid number"),
        ("Cheap", {"tools": ["a", 1]}, "reward.options: costs:Cheap: tools.1: 1 given; input should be a valid string"),
        ("Cheap", {"csot": 1}, "reward.options: costs:Cheap: csot: there is no such option; did you mean 'cost'?"),
        ("Needing", {}, "reward.options: costs:Needing: missing a required argument: 'cost'"),
        ("Keyed", {"milk": 1}, "reward 'costs:Keyed': __init__ raised KeyError: 'bread' (costs.py:14)"),
    ],
)
def test_a_reward_that_cannot_be_made_is_told_in_a_line(module, name, options, told):
    module("costs", REWARDS)
    with pytest.raises(UserError) as raised:
        plugins.make_reward(f"costs:{name}", options)
    assert str(raised.value).startswith(told) and "\n" not in str(raised.value)


def test_options_of_a_reward_come_as_its_hints_have_them(module):
    module("costs", REWARDS)
    made = plugins.make_reward("costs:Cheap", {"cost": "0.5"}).cost, plugins.make_reward("costs:Keyed", {"bread": "dear"}).cost
    assert made == (0.5, "dear"), "what has no hint comes as it is"
