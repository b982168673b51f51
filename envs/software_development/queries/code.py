"""Requests about the code. None depends on what an open pull request or a working branch changes."""

from __future__ import annotations

from envs.scenario.desk import Request, recipe
from envs.scenario.wording import NUMBERS, number_answer
from envs.software_development.queries.desk import SoftwareDesk
from envs.software_development.world import MAIN

PATTERNS = (
    "TODO", r"^import \w+$", r"\.append\(", r"return None", "^def ", r"len\(\w+\)", r"for \w+ in", "continue$", r"not \w+\.get", "^# ",
    r"return \w+$", r"if \w+ is None", r"sorted\(", r"^import (json|re|time)$", "def (find|load|save)_", r"limit=[A-Z_]+", r"\[:\w+\]",
)  # fmt: skip
WORDS = ("test", "number", "staging", "state", "name", "list", "error", "every", "return", "none")
FILE_METRICS = {
    "lines": ("number of lines", "line count, blank lines and comments included"),
    "code_lines": ("number of lines that are neither blank nor comments", "line count without blank lines and comments"),
    "longest_function": ("length of the longest function in lines", "line count of the longest function"),
    "mean_complexity": ("mean cyclomatic complexity of the functions", "average cyclomatic complexity of all functions"),
}
FUNCTION_METRICS = {
    "lines": ("length in lines", "number of lines"),
    "parameters": ("number of parameters", "count of parameters"),
    "complexity": ("cyclomatic complexity", "McCabe complexity"),
    "nesting": ("nesting depth", "depth of nested statements"),
}
DOCUMENTS = ("README.md", "docs/guide.md")


def place(desk: SoftwareDesk) -> tuple[str, str]:
    """A branch to read, and the words for it."""
    if desk.chance(0.6):
        return MAIN, ""
    branch = desk.pick(desk.quiet)
    return branch, f" on branch {branch}"


def line_of(desk: SoftwareDesk, branch: str, path: str, start: str) -> int:
    """The number of the line that begins so."""
    lines = desk.world.head(branch).files[path].splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def home(desk: SoftwareDesk, branch: str, start: str) -> str:
    """The file that has a line beginning so."""
    return next(path for path, text in desk.world.head(branch).files.items() if f"\n{start}" in text)


@recipe("show_file")
def read_line(desk: SoftwareDesk) -> Request:
    branch, where = place(desk)
    if desk.chance():
        path = desk.pick(DOCUMENTS)
        number = desk.number(3, len(desk.world.head(branch).files[path].splitlines()))
    else:
        check = desk.pick(desk.world.checks)
        path, number = check.path, line_of(desk, branch, check.path, f"{check.constant} = ")
    text = desk.call("show_file", path=path, first_line=number, lines=1, branch=branch)["text"]
    frames = (
        "What does line {number} of {path}{where} say?",
        "Please read line {number} of {path}{where} to me.",
        "I need the exact text of line {number} in {path}{where}.",
        "{path}{where}, line {number}?",
        "A colleague points me at line {number} of {path}{where}. What stands there?",
        "Could you quote line {number} of the file {path}{where}?",
    )
    return Request(desk.say(frames, number=number, path=path, where=where), f"It says: {text}", (text,))


@recipe("show_file")
def read_start(desk: SoftwareDesk) -> Request:
    path, (branch, where) = desk.pick(DOCUMENTS), place(desk)
    count = desk.number(3, min(6, len(desk.world.head(branch).files[path].splitlines())))
    last = desk.call("show_file", path=path, lines=count, branch=branch)["text"].splitlines()[-1]
    frames = (
        "Read the first {count} lines of {path}{where} and tell me the last of them.",
        "How do the first {count} lines of {path}{where} end? Read just those and quote the final one.",
        "first {count} lines of {path}{where}: what is the last one?",
        "Please open {path}{where}, {count} lines from the top, and give me the text of the lowest of these.",
        "My print of the first {count} lines of {path}{where} is cut off. Read these lines once more, what is the last one?",
        "Fetch lines one to {count} of {path}{where}. I only want to know the closing line of that part.",
    )
    return Request(desk.say(frames, count=NUMBERS[count], path=path, where=where), f"It says: {last}", (last,))


@recipe("search_code")
def count_matches(desk: SoftwareDesk) -> Request:
    pattern, (branch, where) = desk.pick(PATTERNS), place(desk)
    key, what = desk.pick((("lines", "lines"), ("files", "files")))
    count = desk.call("search_code", pattern=pattern, branch=branch)[key]
    frames = (
        "How many {what} of the code{where} match the regular expression '{pattern}'?",
        "Search the code{where} for the regex '{pattern}' and count the {what} with a match.",
        "In how many {what}{where} does the pattern '{pattern}' match?",
        "regex '{pattern}'{where}: number of {what}?",
        "I wonder how common '{pattern}' (a regular expression) is in our code{where}. Tell me the number of {what} it matches in.",
        "Please run the regex '{pattern}' over all the files{where} and report how many {what} match.",
    )
    return Request(desk.say(frames, what=what, where=where, pattern=pattern), f"It matches in {count} {what}.", number_answer(count))


@recipe("search_code")
def count_matches_somewhere(desk: SoftwareDesk) -> Request:
    word, (branch, where) = desk.pick(WORDS), place(desk)
    paths = desk.pick(("docs/*", "*.md", "*.py", f"{desk.world.package}/*", desk.pick(desk.world.modules)))
    count = desk.call("search_code", pattern=word, paths=paths, branch=branch, ignore_case=True)["lines"]
    frames = (
        "How many lines in {paths}{where} contain '{word}', upper or lower case?",
        "Ignoring case, count the lines of {paths}{where} with '{word}' in them.",
        "Please search only {paths}{where} for '{word}', no matter the case, and tell me how many lines there are.",
        "'{word}' in {paths}{where}, any case: how many lines?",
        "We are about to reword things. Find out how many lines of {paths}{where} hold '{word}' in whichever case.",
    )
    return Request(desk.say(frames, word=word, paths=paths, where=where), f"There are {count}.", number_answer(count))


@recipe("search_code")
def find_constant(desk: SoftwareDesk) -> Request:
    path, name, _ = desk.constant(MAIN)
    pattern = f"^{name} ="
    desk.call("search_code", pattern=pattern)
    frames = (
        "Which file has a line that matches the regular expression '{pattern}'?",
        "Search the code for the regex '{pattern}' and tell me the path of the file.",
        "I forgot where {name} is set. The regular expression '{pattern}' will find it, which file is it?",
        "path of the file with a match for regex '{pattern}'?",
        "Please find '{pattern}' as a regular expression in the code. I need the path.",
    )
    return Request(desk.say(frames, pattern=pattern, name=name), f"It is in {path}.", (path,))


@recipe("measure_file")
def file_size(desk: SoftwareDesk) -> Request:
    path, (branch, where) = desk.pick(desk.world.modules), place(desk)
    metric = desk.pick(("lines", "code_lines"))
    value = desk.call("measure_file", path=path, metric=metric, branch=branch)[metric]
    frames = (
        "What is the {what} of {path}{where}?",
        "Please tell me the {what} of the file {path}{where}.",
        "I am estimating a rewrite of {path}{where} and need its {what}.",
        "{path}{where}: {what}?",
        "Measure {path}{where} for me. Its {what} is what I want.",
        "For the report on code size: which {what} does {path} have{where}?",
    )
    return Request(desk.say(frames, what=desk.pick(FILE_METRICS[metric]), path=path, where=where), f"It is {value}.", number_answer(value))


@recipe("measure_file")
def file_quality(desk: SoftwareDesk) -> Request:
    path, (branch, where) = desk.pick(desk.world.modules), place(desk)
    metric = desk.pick(("longest_function", "mean_complexity"))
    value = desk.call("measure_file", path=path, metric=metric, branch=branch)[metric]
    frames = (
        "How well kept is {path}{where}? Tell me the {what}.",
        "Give me the {what} for the whole of {path}{where}.",
        "quality check, {path}{where}: {what}",
        "Before I touch {path}{where} I would like to know the {what}.",
        "Our rules set a limit here, so please work out the {what} in {path}{where}.",
        "Could you compute this for {path}{where}: the {what}?",
    )
    return Request(desk.say(frames, what=desk.pick(FILE_METRICS[metric]), path=path, where=where), f"It is {value}.", number_answer(value))


@recipe("measure_function")
def function_metric(desk: SoftwareDesk) -> Request:
    branch, where = place(desk)
    name, metric = desk.pick(desk.functions(branch)), desk.pick(tuple(FUNCTION_METRICS))
    value = desk.call("measure_function", name=name, metric=metric, branch=branch)[metric]
    frames = (
        "What is the {what} of the function {name}{where}?",
        "Please measure {name}(){where} and tell me the {what}.",
        "{name}{where}: {what}?",
        "I am not sure where {name} is defined{where}, but I need the {what} of that function.",
        "Find the function {name}{where} and give me its {what}.",
        "The reviewers complain about the function {name}{where}. Which {what} does it have?",
    )
    said = {"what": desk.pick(FUNCTION_METRICS[metric]), "name": name, "where": where}
    return Request(desk.say(frames, **said), f"It is {value}.", number_answer(value))


@recipe("measure_function")
def function_in_words(desk: SoftwareDesk) -> Request:
    branch, where = place(desk)
    name = desk.pick(desk.functions(branch))
    metric, question, statement = desk.pick(
        (
            ("lines", "how many lines long is the function {name}{where}", "how long {name} is{where}, counted in lines"),
            ("parameters", "how many parameters does the function {name} take{where}", "how many parameters {name} has{where}"),
            ("nesting", "how deep are the statements of {name} nested{where}", "how deep the statements in {name} are nested{where}"),
        )
    )
    value = desk.call("measure_function", name=name, metric=metric, branch=branch)[metric]
    question, statement = (text.format(name=name, where=where) for text in (question, statement))
    frames = (
        "{Question}?",
        "Please find out {statement}.",
        "quick question: {question}?",
        "I have to document {name}. Can you tell me {statement}?",
        "We argue about {statement}. Settle it with a measurement.",
        "Do you know {statement}? Measure it, please.",
    )
    said = {"Question": question[0].upper() + question[1:], "question": question, "statement": statement, "name": name}
    return Request(desk.say(frames, **said), f"It is {value}.", number_answer(value))


@recipe("search_code", "show_file")
def read_after_match(desk: SoftwareDesk) -> Request:
    name = desk.pick(desk.functions())
    path, pattern = home(desk, MAIN, f"def {name}("), f"^def {name}"
    line = int(desk.call("search_code", pattern=pattern)["matches"][0].split(":")[1])
    told = desk.call("show_file", path=path, first_line=line + 1, lines=1)["text"].strip().strip('"')
    frames = (
        "Find the line matching the regex '{pattern}' and read me the one line after it.",
        "Search the code for the regular expression '{pattern}', then read the single line that follows. What does it say?",
        "What is on the line directly below the match of the regex '{pattern}'? Locate it, then read just that line.",
        "regex '{pattern}' -> next line (only that one), its text?",
        "The docstring of {name} is one line below where the regular expression '{pattern}' matches. Find it and read that line to me.",
    )
    return Request(desk.say(frames, pattern=pattern, name=name), f"It says: {told}", (told,))


@recipe("measure_file", "measure_file")
def two_files(desk: SoftwareDesk) -> Request:
    pair = desk.several(desk.world.modules, 2)
    metric = desk.pick(("lines", "code_lines"))
    values = [desk.call("measure_file", path=path, metric=metric)[metric] for path in pair]
    total = sum(values)
    frames = (
        "Take {0} and {1}: what do they come to together, by the {what}?",
        "For {0} and for {1}, get the {what}, and tell me the sum.",
        "{0} + {1}, {what}: total?",
        "I might join {0} with {1}. Please measure the {what} of each and add the two up.",
    )
    return Request(desk.say(frames, *pair, what=FILE_METRICS[metric][0]), f"The total is {total}.", number_answer(total), lookups=2)


@recipe("measure_function", "measure_function")
def two_functions(desk: SoftwareDesk) -> Request:
    metric = desk.pick(("lines", "complexity"))
    pair = desk.several(desk.functions(), 2)
    values = [desk.call("measure_function", name=name, metric=metric)[metric] for name in pair]
    gap = abs(values[0] - values[1])
    frames = (
        "By how much do the functions {0} and {1} differ in {what}?",
        "Measure the {what} of {0} and of {1}. How large is the difference?",
        "{0} vs {1}, {what}: difference?",
        "Please compare the functions {0} and {1}: I want the difference of their {what}.",
    )
    said = {"what": "length, in lines" if metric == "lines" else "cyclomatic complexity"}
    return Request(desk.say(frames, *pair, **said), f"They differ by {gap}.", number_answer(gap), lookups=2)


@recipe("search_code", "measure_file")
def measure_where_found(desk: SoftwareDesk) -> Request:
    path, name, _ = desk.constant(MAIN)
    metric = desk.pick(tuple(FILE_METRICS))
    pattern = f"^{name} ="
    desk.call("search_code", pattern=pattern)
    value = desk.call("measure_file", path=path, metric=metric)[metric]
    frames = (
        "Find the file where the regex '{pattern}' matches and tell me the {what} of that file.",
        "One file has a match for the regular expression '{pattern}'. Which is it, and what is the {what}?",
        "regex '{pattern}' -> that file: {what}?",
        "Please search for the regex '{pattern}', then measure the file you find: I need the {what}.",
    )
    return Request(desk.say(frames, pattern=pattern, what=FILE_METRICS[metric][0]), f"It is {value}.", number_answer(value))
