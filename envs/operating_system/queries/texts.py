"""Requests about what stands in text files."""

from __future__ import annotations

import posixpath
import re

from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
FAR = 6  # from this line on, a log is cut when it is shown from its beginning
EXPRESSIONS = (
    r"^TODO", r"= [0-9]+$", r"(WARN|ERROR)", r"\.lan$", r"[0-9]+ percent", r"[0-9]+ (files|jobs)", r"^(port|host|theme) = ",
    r"^\d{4}-\d\d-\d\d ERROR", r"-0[1-6]-\d\d INFO", r"^[A-Z][a-z]+,\d+$", r"^Remind \w+ ", r"(January|March|May)\.$", r",[1-4]\d\d$",
)  # fmt: skip


def settings(desk: OperatingSystemDesk) -> str:
    return desk.file("texts", ".conf")


def phrase(desk: OperatingSystemDesk, folder: str) -> tuple[str, str]:
    """A text file below a folder, and some words that stand in it alone, in one line."""
    paths = desk.inside(folder, ".txt", ".md", ".log", deep=True)
    lines = [(path, line) for path in paths for line in desk.lines(path)]
    parts = [
        (path, part) for path, line in lines for part in re.findall(r"(?:the|of|by) (?:\w+ )?\w+$|(?<= )[a-z]+ \w+ \w+(?= \w+\.?$)", line)
    ]
    return desk.pick([(path, part) for path, part in parts if sum(part in line for _, line in lines) == 1] or [lines[0]])


def matching(desk: OperatingSystemDesk, folder: str, pattern: str) -> int:
    return sum(bool(re.search(pattern, line)) for path in desk.inside(folder, deep=True) for line in desk.lines(path))


@recipe("read_file")
def read_setting(desk: OperatingSystemDesk) -> Request:
    path = settings(desk)
    key, value = desk.setting(path)
    desk.call("read_file", path=desk.said(path))
    frames = (
        "Which {key} is set in {path}?",
        "Please look into {path} and tell me the value of {key}.",
        "I forgot what I put for {key} in {path}. What is it?",
        "value of {key} in {path}?",
        "The program that uses {path} behaves oddly, I suspect its {key}. What does the file say there?",
        "Open {path} for me; all that I need is the {key}.",
    )
    return Request(desk.say(frames, key=key, path=desk.said(path)), f"{key} is {value}.", (value,))


@recipe("read_file")
def read_amount(desk: OperatingSystemDesk) -> Request:
    path = desk.file("texts", ".csv")
    city, amount = desk.pick(desk.lines(path)[1:]).split(",")
    desk.call("read_file", path=desk.said(path))
    frames = (
        "How much does the table {path} give for {city}?",
        "What amount stands beside {city} in {path}?",
        "Please get me the figure for {city} out of {path}.",
        "{path}: {city} = ?",
        "My colleague needs the {city} number from {path}, could you read it out?",
    )
    return Request(desk.say(frames, path=desk.said(path), city=city), f"{city} has {amount}.", number_answer(int(amount)))


@recipe("read_file")
def read_line(desk: OperatingSystemDesk) -> Request:
    path = desk.file("texts", ".log")
    number = desk.number(FAR, len(desk.lines(path)) - 1)
    text = desk.call("read_file", path=desk.said(path), first_line=number, lines=1)["text"].split(" ", 2)[2]
    desk.optional("lines")
    frames = (
        "What does line {number} of {path} say?",
        "I need to know what the {ordinal} line of {path} reports.",
        "Read me line {number} of the log {path}, and no other.",
        "Please show the message in line {number} of {path}.",
        "{path}, line {number}: what was logged?",
        "An alarm pointed me to line {number} of {path}. What happened there?",
    )
    return Request(desk.say(frames, number=number, ordinal=ORDINALS[number - 1], path=desk.said(path)), f"It says: {text}", (text,))


@recipe("read_file")
def read_last_line(desk: OperatingSystemDesk) -> Request:
    path = desk.file("texts", ".log")
    text = desk.call("read_file", {"lines": (1,)}, path=desk.said(path), first_line=-1)["text"].split(" ", 2)[2]
    frames = (
        "What is the last thing that was logged in {path}?",
        "Give me the final line of {path}.",
        "I only care about the very last entry of {path}. What does it say?",
        "last line of {path}?",
        "How does {path} end? One line will do.",
    )
    return Request(desk.say(frames, path=desk.said(path)), f"It says: {text}", (text,))


@recipe("write_file")
def write_new(desk: OperatingSystemDesk) -> Request:
    path = f"{desk.folder('texts')}/{desk.stem()}.{desk.pick(('txt', 'md'))}"
    text = desk.line()
    desk.call("write_file", path=desk.said(path), text=text)
    frames = (
        "Create the file {path} with the text '{text}'",
        "Please make a new file {path} that reads '{text}'",
        "I need a note at {path}: '{text}'",
        "new file {path}, content '{text}'",
        "There should be a {path} saying '{text}' Could you write it?",
        "Jot down '{text}' and save that as {path}, which does not exist yet.",
    )
    return Request(desk.say(frames, path=desk.said(path), text=text))


@recipe("write_file")
def write_end(desk: OperatingSystemDesk) -> Request:
    path, text = desk.file("texts", ".txt", ".md", deep=True), desk.line()
    desk.call("write_file", path=desk.said(path), text=text, mode="append")
    frames = (
        "Add the line '{text}' to the end of {path}.",
        "Please append '{text}' to {path}.",
        "{path} lacks one last line: '{text}'",
        "append to {path}: '{text}'",
        "Keep everything in {path} as it is and put '{text}' below it.",
        "Could {path} get one more line at the bottom, '{text}'",
    )
    return Request(desk.say(frames, path=desk.said(path), text=text))


@recipe("write_file")
def write_over(desk: OperatingSystemDesk) -> Request:
    path, text = desk.file("texts", ".txt", ".csv", ".log"), desk.line()
    desk.call("write_file", path=desk.said(path), text=text, mode="replace")
    frames = (
        "Overwrite {path} so that it only says '{text}'",
        "Nothing in {path} is needed any more. Its whole text should be '{text}'",
        "Please replace all that {path} holds with '{text}'",
        "{path}: throw out the old text, new text '{text}'",
        "Empty {path} and let it read '{text}' instead.",
    )
    return Request(desk.say(frames, path=desk.said(path), text=text))


@recipe("write_file", asks=True)
def write_what(desk: OperatingSystemDesk) -> Request:
    path, text = desk.file("texts", ".txt", ".md", deep=True), desk.line()
    desk.ask("Which line should I add?")
    desk.call("write_file", path=desk.said(path), text=text, mode="append")
    frames = (
        "Add a line to the end of {path}.",
        "Please append my remark to {path}.",
        "{path} needs one more line at the bottom. Can you see to it?",
        "append something to {path} for me",
        "I have a sentence to put below what {path} says.",
    )
    replies = ("'{text}'", "The line is '{text}'", "It should say '{text}'", "Sorry, I mean '{text}'")
    reply = desk.pick(replies).format(text=text)
    return Request(desk.say(frames, path=desk.said(path)), reply=reply)


@recipe("find_text")
def count_lines(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    level = desk.pick([word for word in ("INFO", "WARN", "ERROR", "TODO", *desk.world.users, ".lan") if matching(desk, folder, word)])
    count = desk.call("find_text", folder=desk.said(folder), pattern=level)["count"]
    frames = (
        "How many lines in the files below {folder} contain '{pattern}'?",
        "Count the lines with '{pattern}' in all text files under {folder}, please.",
        "I would like to know how often a line mentions '{pattern}' anywhere in {folder}.",
        "lines with '{pattern}' below {folder}: how many?",
        "Go through everything in {folder} and tell me the number of lines that have '{pattern}' in them.",
    )
    return Request(desk.say(frames, folder=desk.said(folder), pattern=level), f"Lines: {count}.", number_answer(count))


@recipe("find_text")
def count_lines_in_some(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    ending, pattern = desk.pick(
        (("log", "lan"), ("log", "INFO"), ("log", "20"), ("conf", "a"), ("conf", "= 1"), ("csv", "a"), ("txt", "the"))
    )
    count = desk.call("find_text", folder=desk.said(folder), pattern=pattern, files=f"*.{ending}")["count"]
    frames = (
        "Looking only at .{ending} files below {folder}: how many lines contain '{pattern}'?",
        "How many lines of the .{ending} files in {folder} have '{pattern}' in them?",
        "Please count the lines with '{pattern}' under {folder}, but leave out every file that does not end in .{ending}.",
        "'{pattern}' in {folder}, .{ending} files only, number of lines?",
        "I need a count of the lines with '{pattern}' in {folder}. Other files than .{ending} do not interest me.",
    )
    said = {"ending": ending, "folder": desk.said(folder), "pattern": pattern}
    return Request(desk.say(frames, **said), f"Lines: {count}.", number_answer(count))


@recipe("find_text")
def count_lines_any_case(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    pattern = desk.pick(("error", "warn", "info", "todo", "THE", "CITY", "HOST"))
    other = tuple(form for form in (pattern.upper(), pattern.lower(), pattern.capitalize()) if form != pattern)
    count = desk.call("find_text", {"pattern": other}, folder=desk.said(folder), pattern=pattern, ignore_case=True)["count"]
    frames = (
        "How many lines below {folder} contain '{pattern}', in capitals or not?",
        "Count the lines in {folder} with '{pattern}', whatever the case.",
        "Search the files of {folder} for '{pattern}' without regard to upper and lower case. How many lines are there?",
        "'{pattern}' in {folder}, ignoring case: how many lines?",
        "Somebody writes '{pattern}' in all kinds of capitalisation. In how many lines below {folder}?",
    )
    return Request(desk.say(frames, folder=desk.said(folder), pattern=pattern), f"Lines: {count}.", number_answer(count))


@recipe("find_text")
def count_expression(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    pattern = desk.pick([expression for expression in EXPRESSIONS if matching(desk, folder, expression)])
    count = desk.call("find_text", folder=desk.said(folder), pattern=pattern, regex=True)["count"]
    frames = (
        "How many lines below {folder} match the regular expression '{pattern}'?",
        "Please run the regex '{pattern}' over the files in {folder} and count the lines that match.",
        "I wrote the regular expression '{pattern}'. How many lines under {folder} does it find?",
        "regex '{pattern}' in {folder}: number of matching lines?",
        "Use '{pattern}' as a regular expression on all text files of {folder}. What is the number of hits?",
    )
    return Request(desk.say(frames, folder=desk.said(folder), pattern=pattern), f"Lines: {count}.", number_answer(count))


@recipe("find_text")
def which_file(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    path, words = phrase(desk, folder)
    desk.call("find_text", folder=desk.said(folder), pattern=words)
    frames = (
        "Which file below {folder} has the words '{words}' in it?",
        "I wrote '{words}' somewhere in {folder}, but in which file?",
        "Please find the file under {folder} that says '{words}'.",
        "where in {folder} does it say '{words}'? file name please",
        "One of the files in {folder} mentions '{words}'. Name it.",
    )
    name = posixpath.basename(path)
    return Request(desk.say(frames, folder=desk.said(folder), words=words), f"It is {path}.", (name,))


@recipe("compare_files")
def count_added(desk: OperatingSystemDesk) -> Request:
    new = settings(desk)
    old = desk.older(new)
    found = desk.call("compare_files", first=desk.said(old), second=desk.said(new))
    side = desk.pick(("added", "removed"))
    frames = (
        "Compare {old} (the old version) with {new} (the new one). How many lines were {side}?",
        "From {old} to {new}, how many lines got {side}?",
        "Please diff {old} against {new} and tell me the number of {side} lines.",
        "diff {old} -> {new}, count of {side} lines?",
        "I changed {old} and saved it as {new}. How many lines have been {side}, spaces included?",
    )
    said = {"old": desk.said(old), "new": desk.said(new), "side": side}
    return Request(desk.say(frames, **said), f"Lines {side}: {found[side]}.", number_answer(found[side]))


@recipe("compare_files")
def count_added_but_for_spaces(desk: OperatingSystemDesk) -> Request:
    new = settings(desk)
    old = desk.older(new)
    found = desk.call("compare_files", first=desk.said(old), second=desk.said(new), ignore_spaces=True)
    side = desk.pick(("added", "removed"))
    frames = (
        "Not counting changes of spacing, how many lines were {side} from {old} to {new}?",
        "Compare {old} with its successor {new} and ignore spaces. Number of {side} lines?",
        "Someone reformatted {new}. Apart from spaces, how many lines were {side} since {old}?",
        "diff {old} {new}, whitespace ignored: how many {side}?",
        "Tell me how many lines were really {side} when {old} became {new}; different spacing is no difference to me.",
    )
    said = {"old": desk.said(old), "new": desk.said(new), "side": side}
    return Request(desk.say(frames, **said), f"Lines {side}: {found[side]}.", number_answer(found[side]))


@recipe("compare_files")
def line_gone(desk: OperatingSystemDesk) -> Request:
    new = settings(desk)
    old = desk.older(new)
    found = desk.call("compare_files", first=desk.said(old), second=desk.said(new), ignore_spaces=True)
    gone = tuple(line[1:] for line in found["lines"] if line.startswith("-"))
    frames = (
        "Name a line that {old} had and {new}, which came after it, no longer has. Spaces do not matter.",
        "{new} replaces {old}. Apart from spacing, which line went missing? One is enough.",
        "What stood in {old} but was dropped from the newer {new}? An example line will do, and spacing is no difference.",
        "one line removed between {old} and {new}, ignoring whitespace?",
        "Please compare {old} with the later {new}, disregarding spaces, and quote a line that was taken out.",
    )
    return Request(desk.say(frames, old=desk.said(old), new=desk.said(new)), f"This one is gone: {gone[0]}", gone)


@recipe("find_text", "read_file")
def logged_on(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    log = desk.pick(desk.inside(folder, ".log"))
    line = desk.pick(desk.lines(log)[FAR - 1 :])
    day, _, event = line.split(" ", 2)
    place = desk.call("find_text", {"files": ("*.log",)}, folder=desk.said(folder), pattern=day)["places"][0]
    desk.call("read_file", path=place["path"], first_line=place["line"], lines=1)
    desk.optional("lines")
    frames = (
        "Something was logged on {day} in one of the files below {folder}. What was it?",
        "Find the line dated {day} in {folder} and read it to me.",
        "Please search {folder} for '{day}' and tell me what that line says.",
        "what happened on {day}, according to the log in {folder}?",
        "A log in {folder} has an entry with the date {day}, I forgot in which file. I need its message.",
    )
    return Request(desk.say(frames, day=day, folder=desk.said(folder)), f"It says: {event}", (event,))


@recipe("find_text", "write_file")
def add_where(desk: OperatingSystemDesk) -> Request:
    folder, text = desk.folder("texts"), desk.line()
    _, words = phrase(desk, folder)
    place = desk.call("find_text", folder=desk.said(folder), pattern=words)["places"][0]
    desk.call("write_file", path=place["path"], text=text, mode="append")
    frames = (
        "Find the file below {folder} that contains '{words}' and append the line '{text}' to it.",
        "One file in {folder} mentions '{words}'. Add '{text}' to its end.",
        "Please look for '{words}' in {folder} and put '{text}' at the bottom of the file that has it.",
        "the file with '{words}' in {folder} gets one more line: '{text}'",
        "I noted '{words}' somewhere under {folder}; that file should also say, as its last line, '{text}'",
    )
    return Request(desk.say(frames, folder=desk.said(folder), words=words, text=text))


@recipe("read_file", "write_file")
def note_setting(desk: OperatingSystemDesk) -> Request:
    path, target = settings(desk), desk.file("texts", ".txt")
    key, value = desk.setting(path)
    desk.call("read_file", path=desk.said(path))
    desk.call("write_file", path=desk.said(target), text=f"{key} is {value}", mode="append")
    frames = (
        "Look up {key} in {path} and append the line '{key} is N' to {target}, N being its value.",
        "{target} should end with '{key} is <value>', the value being the one in {path}.",
        "Please read the {key} from {path} and add '{key} is <that>' to the end of {target}.",
        "{key} from {path} -> last line of {target}, as '{key} is <value>'",
        "Whatever {path} sets as {key}, I want it noted at the end of {target} in the form '{key} is <value>'.",
    )
    return Request(desk.say(frames, key=key, path=desk.said(path), target=desk.said(target)))


@recipe("compare_files", "write_file")
def note_changes(desk: OperatingSystemDesk) -> Request:
    new = settings(desk)
    old, target = desk.older(new), f"{posixpath.dirname(new)}/{desk.stem()}.txt"
    added = desk.call("compare_files", first=desk.said(old), second=desk.said(new))["added"]
    desk.call("write_file", path=desk.said(target), text=f"Added lines: {added}")
    frames = (
        "Count the lines added from {old} to {new} and write 'Added lines: N' into the new file {target}.",
        "Please diff {old} against the newer {new}, then create {target} with the text 'Added lines: <count>'.",
        "I need a file {target} that says 'Added lines: <n>', n being how many lines {new} gained since {old}.",
        "diff {old} -> {new}; new file {target}: 'Added lines: <number>'",
    )
    return Request(desk.say(frames, old=desk.said(old), new=desk.said(new), target=desk.said(target)))


@recipe("find_text", "write_file")
def note_count(desk: OperatingSystemDesk) -> Request:
    folder, target = desk.folder("texts"), f"{desk.folder('texts')}/{desk.stem()}.txt"
    level = desk.pick([level for level in ("INFO", "WARN", "ERROR", "TODO") if matching(desk, folder, level)])
    count = desk.call("find_text", folder=desk.said(folder), pattern=level)["count"]
    desk.call("write_file", path=desk.said(target), text=f"{level}: {count}")
    frames = (
        "Count the lines with '{level}' below {folder} and create {target} with the text '{level}: N'.",
        "How many lines in {folder} contain '{level}'? Write the result into a new file {target} as '{level}: <count>'.",
        "Please save '{level}: <n>' as {target}, where n is the number of lines under {folder} that have '{level}' in them.",
        "new file {target}: '{level}: <lines with {level} in {folder}>'",
    )
    return Request(desk.say(frames, level=level, folder=desk.said(folder), target=desk.said(target)))


@recipe("find_text", "read_file", "write_file")
def copy_entry(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    log, target = desk.pick(desk.inside(folder, ".log")), desk.pick(desk.inside(folder, ".txt"))
    day, level, event = desk.pick(desk.lines(log)[FAR - 1 :]).split(" ", 2)
    place = desk.call("find_text", {"files": ("*.log",)}, folder=desk.said(folder), pattern=day)["places"][0]
    desk.call("read_file", path=place["path"], first_line=place["line"], lines=1)
    desk.optional("lines")
    desk.call("write_file", path=desk.said(target), text=f"{day} {level} {event}", mode="append")
    frames = (
        "Find the log line of {day} below {folder}, read it, and append it word for word to {target}.",
        "Please search {folder} for '{day}' and copy that whole line to the end of {target}.",
        "Some file in {folder} has an entry from {day}. I want exactly that line at the bottom of {target} too.",
        "the line with '{day}' somewhere in {folder} -> append it unchanged to {target}",
    )
    return Request(desk.say(frames, day=day, folder=desk.said(folder), target=desk.said(target)))


@recipe("compare_files", "read_file", "write_file")
def note_both(desk: OperatingSystemDesk) -> Request:
    new, text = settings(desk), desk.file("texts", ".csv")
    old, target = desk.older(new), f"{posixpath.dirname(new)}/{desk.stem()}.md"
    city, amount = desk.pick(desk.lines(text)[1:]).split(",")
    added = desk.call("compare_files", first=desk.said(old), second=desk.said(new))["added"]
    desk.call("read_file", path=desk.said(text))
    desk.call("write_file", path=desk.said(target), text=f"{added} lines, {city} {amount}")
    frames = (
        (
            "How many lines were added from {old} to {new}, and what does {text} "
            "give for {city}? Create {target}: '<lines> lines, {city} <amount>'"
        ),
        "Write a new file {target}, '<n> lines, {city} <m>': n lines were added from {old} to {new}, and m is the {city} amount in {text}.",
        "Please diff {old} and the newer {new}, look up {city} in {text}, and make {target} read '<added> lines, {city} <amount>'",
        "new {target}: '<added> lines, {city} <amount>', from diff {old} -> {new} and from {text}",
    )
    said = {"old": desk.said(old), "new": desk.said(new), "text": desk.said(text), "target": desk.said(target), "city": city}
    return Request(desk.say(frames, **said), lookups=2)
