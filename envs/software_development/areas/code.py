"""The tools that read the code of a branch."""

from __future__ import annotations

import ast
import fnmatch
import re
import statistics
from collections.abc import Callable, Iterator
from typing import Any, Literal

from envs.scenario.checks import check_text
from envs.software_development.texts import Tree
from envs.software_development.world import MAIN, World
from raytool.env import ToolError, tool

SHOWN = 3  # matches; the count is always of all
SHOWN_LINE, SHOWN_TEXT = 80, 300  # characters
LONGEST_READ = 10  # lines
LONGEST_PATTERN, MOST_REPETITIONS = 100, 4
# The parts of a regular expression that matter for its cost; an escape or a character class is one part.
PARTS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?P?[<!=:P]*)?|\{\d*,?\d*\}|.", re.DOTALL)
Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHING = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.comprehension, ast.match_case)
NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


class Code:
    """Four tools; all of them read `main` unless told otherwise."""

    world: World

    @tool
    def show_file(self, path: str, first_line: int = 1, lines: int = 5, branch: str = MAIN) -> dict[str, Any]:
        """Read some lines of a file.

        Args:
            path: e.g. shop/orders.py
            first_line: counted from 1
            lines: how many, at most 10
            branch: where to read

        Returns:
            The text of the lines.

        Raises:
            ToolError: there is no such branch, file or line, or the number of lines is out of its range.
        """
        text = self._file(path, branch).splitlines()
        if not 1 <= lines <= LONGEST_READ:
            raise ToolError(f"lines is {lines}, not 1 to {LONGEST_READ}")
        if not 1 <= first_line <= len(text):
            raise ToolError(f"first_line is {first_line}, not 1 to {len(text)}")
        return {"text": "\n".join(text[first_line - 1 : first_line - 1 + lines])[:SHOWN_TEXT]}

    @tool
    def search_code(self, pattern: str, paths: str = "*", branch: str = MAIN, ignore_case: bool = False) -> dict[str, Any]:
        """Find the lines of all files that match a regular expression.

        Args:
            pattern: regular expression, matched anywhere in a line
            paths: only files like this, e.g. docs/* or *.md
            branch: where to look
            ignore_case: let upper and lower case be the same

        Returns:
            How many lines match in how many files, and the first of them as path:line: text.

        Raises:
            ToolError: there is no such branch, no file is like the paths, or the pattern is none or may run too long.
        """
        wanted = checked_pattern(pattern, re.IGNORECASE if ignore_case else re.NOFLAG)
        tree = self._tree(branch)
        chosen = fnmatch.filter(sorted(tree), paths)
        if not chosen:
            raise ToolError(f"no file is like {paths!r} on branch {branch!r}")
        found = [
            (path, number, line) for path in chosen for number, line in enumerate(tree[path].splitlines(), 1) if wanted.search(line[:200])
        ]
        shown = [f"{path}:{number}: {line.strip()}"[:SHOWN_LINE] for path, number, line in found[:SHOWN]]
        return {"lines": len(found), "files": len({path for path, _, _ in found}), "matches": shown}

    @tool
    def measure_file(
        self, path: str, metric: Literal["lines", "code_lines", "longest_function", "mean_complexity"] = "lines", branch: str = MAIN
    ) -> dict[str, float]:
        """Measure the code of a whole file.

        Args:
            path: e.g. shop/orders.py
            metric: what to measure; code_lines are neither blank nor comments, longest_function is in lines
            branch: where to look

        Returns:
            The value of the metric; a mean is rounded to two decimals.

        Raises:
            ToolError: there is no such branch or file, or it has no functions to measure.
        """
        text = self._file(path, branch)
        if metric == "lines":
            return {metric: len(text.splitlines())}
        if metric == "code_lines":
            return {metric: sum(bool(line.strip()) and not line.strip().startswith("#") for line in text.splitlines())}
        functions = list(_functions(path, text))
        if not functions:
            raise ToolError(f"{path} has no functions")
        if metric == "longest_function":
            return {metric: max(map(_length, functions))}
        return {metric: round(statistics.mean(map(_complexity, functions)), 2)}

    @tool
    def measure_function(
        self, name: str, metric: Literal["lines", "parameters", "complexity", "nesting"] = "lines", branch: str = MAIN
    ) -> dict[str, Any]:
        """Measure one function, wherever it is defined.

        Args:
            name: of the function
            metric: what to measure; complexity is cyclomatic, nesting is how deep its statements stand in one another
            branch: where to look

        Returns:
            The path of its file, and the value of the metric.

        Raises:
            ToolError: there is no such branch, or the function is defined nowhere or more than once.
        """
        tree = self._tree(branch)
        sources = [path for path in sorted(tree) if path.endswith(".py") and name in tree[path]]
        found = [(path, function) for path in sources for function in _functions(path, tree[path]) if function.name == name]
        if len(found) != 1:
            raise ToolError(f"there are {len(found)} functions {name[:60]!r}, not one")
        ((path, function),) = found
        measures: dict[str, Callable[[Function], int]] = {
            "lines": _length,
            "parameters": _parameters,
            "complexity": _complexity,
            "nesting": _nesting,
        }
        return {"path": path, metric: measures[metric](function)}

    def _tree(self, branch: str) -> Tree:
        if branch not in self.world.branches:
            raise ToolError(f"no branch {branch!r}")
        return self.world.head(branch).files

    def _file(self, path: str, branch: str) -> str:
        tree = self._tree(branch)
        if path not in tree:
            raise ToolError(f"no file {path!r} on branch {branch!r}")
        return tree[path]


def checked_pattern(pattern: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """The compiled pattern, if it cannot run long: few repetitions, and none of a group that repeats or chooses itself."""
    check_text(pattern=pattern)
    try:
        compiled = re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ToolError(f"{pattern[:60]!r} is no regular expression: {error}") from None
    if len(pattern) > LONGEST_PATTERN or _repetitions(pattern) > MOST_REPETITIONS:
        raise ToolError(f"{pattern[:60]!r} may run too long: at most {MOST_REPETITIONS} repetitions, none of them nested")
    return compiled


def _repetitions(pattern: str) -> int:
    """How often parts of a pattern repeat; more than is allowed where a repeated group holds a repetition or a choice."""
    count, before = 0, ""
    varies = [False]  # for the pattern and every open group: whether it holds a repetition or a choice
    closed = False  # whether the group that ends here does
    for part in PARTS.findall(pattern):
        repeats = part in ("*", "+", "?") or (part[0] == "{" and len(part) > 1)
        if part[0] == "(":
            varies.append(False)
        elif part == ")" and len(varies) > 1:
            closed = varies.pop()
            varies[-1] |= closed
        elif repeats and before != "repeats":  # after a repetition it only says which match comes first
            count += 1 + MOST_REPETITIONS * (before == ")" and closed)
        varies[-1] |= repeats or part == "|"
        before = "repeats" if repeats else part
    return count


def _functions(path: str, text: str) -> Iterator[Function]:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ToolError(f"{path} is no valid Python: {error}"[:200]) from None
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _parameters(function: Function) -> int:
    given = function.args
    named = len(given.posonlyargs) + len(given.args) + len(given.kwonlyargs)
    return named + (given.vararg is not None) + (given.kwarg is not None)


def _complexity(function: Function) -> int:
    """One, and one more for every branch, loop, handler, and operand after the first of `and` and `or`."""
    nodes = list(ast.walk(function))
    return 1 + sum(isinstance(node, BRANCHING) for node in nodes) + sum(len(n.values) - 1 for n in nodes if isinstance(n, ast.BoolOp))


def _nesting(node: ast.AST, is_elif: bool = False) -> int:
    """How many statements stand in one another at the deepest place; an elif stands beside its if."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        beside = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, _nesting(child, beside))
    return deepest + (isinstance(node, NESTING) and not is_elif)
