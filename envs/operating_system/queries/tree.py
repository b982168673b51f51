"""Requests about the tree of files and folders."""

from __future__ import annotations

import posixpath

from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

MODES = {  # what is said of a file
    "400": "only I may read it, and nobody may change it",
    "444": "everybody may read it and nobody may change it",
    "600": "only I may read and write it",
    "640": "I may read and write it, the group may read it, and nobody else may do anything",
    "644": "I may read and write it and everybody else may only read it",
    "660": "I and the group may read and write it, and others get nothing",
    "666": "everybody may read and write it",
    "700": "I may read, write and run it, and nobody else may do anything",
    "744": "I may read, write and run it and everybody else may only read it",
    "750": "I may do everything, the group may read and run it, and others get nothing",
    "755": "I may do everything and everybody else may read and run it",
}
FOLDER_MODES = ("500", "550", "700", "750", "770", "775")


def anywhere(desk: OperatingSystemDesk) -> str:
    """A file of the tree's own folders, at any depth."""
    return desk.file("tree", deep=True)


def find(desk: OperatingSystemDesk, path: str) -> str:
    """Look a file up by its name, below the home."""
    found = desk.call("find_files", {"kind": ("any",)}, folder=desk.said(desk.home), name=posixpath.basename(path))
    return found["found"][0]["path"]


def new_mode(desk: OperatingSystemDesk, path: str) -> str:
    return desk.other(list(MODES), desk.world.files.nodes[path].mode)


@recipe("find_files")
def count_by_ending(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    ending = desk.pick(sorted({path.rsplit(".", 1)[1] for path in desk.inside(folder, deep=True)} - {"gz"}))
    count = desk.call("find_files", folder=desk.said(folder), name=f"*.{ending}")["count"]
    frames = (
        "How many .{ending} files are there below {folder}?",
        "Count the files under {folder} whose names end in .{ending}, please.",
        "I want the number of .{ending} files in {folder}, whatever their depth.",
        "number of *.{ending} in {folder}?",
        "Did I keep any .{ending} files in {folder}, and if so, how many in all?",
    )
    return Request(desk.say(frames, ending=ending, folder=desk.said(folder)), f"Files: {count}.", number_answer(count))


@recipe("find_files")
def largest_file(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    path = desk.call("find_files", folder=desk.said(folder), sort_by="largest")["found"][0]["path"]
    frames = (
        "Which single file below {folder} is the largest?",
        "Name the biggest file anywhere in {folder}.",
        "I have to free some space: what is the largest file under {folder}, at any depth?",
        "biggest single file in {folder}, at all depths?",
        "Please sort all files of {folder} by size, largest first, and tell me which one leads.",
    )
    return Request(desk.say(frames, folder=desk.said(folder)), f"It is {path}.", (posixpath.basename(path),))


@recipe("find_files")
def newest_file(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    found = desk.call("find_files", folder=desk.said(folder), sort_by="newest")["found"]
    answer = tuple(posixpath.basename(entry["path"]) for entry in found if entry["changed"] == found[0]["changed"])
    frames = (
        "Which file below {folder} was changed last?",
        "What is the newest file in {folder}, subfolders included?",
        "I worked on something in {folder} not long ago. Which file has the latest date?",
        "most recently changed file under {folder}?",
        "Please tell me the file of {folder} with the youngest modification date.",
    )
    return Request(desk.say(frames, folder=desk.said(folder)), f"It is {found[0]['path']}.", answer)


@recipe("find_files")
def count_large(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    kilobytes, size = desk.pick(
        (
            (50, "50 kB"),
            (100, "100 kilobytes"),
            (200, "200 kB"),
            (500, "half a megabyte"),
            (1000, "1 MB"),
            (2000, "2 megabytes"),
            (3000, "3 MB"),
        )
    )
    count = desk.call("find_files", folder=desk.said(folder), min_kilobytes=kilobytes)["count"]
    frames = (
        "How many files below {folder} have at least {size}?",
        "Count the files in {folder}, at all depths, that are {size} or larger.",
        "I look for space hogs: how many files of {size} or more does {folder} hold?",
        "files >= {size} under {folder}, how many?",
        "Please tell me the number of files under {folder} that take {size} or more each.",
    )
    return Request(desk.say(frames, folder=desk.said(folder), size=size), f"Files: {count}.", number_answer(count))


@recipe("find_files")
def count_changed(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    day = desk.world.files.nodes[desk.pick(desk.inside(folder, deep=True))].modified
    count = desk.call("find_files", folder=desk.said(folder), changed_since=day)["count"]
    frames = (
        "How many files below {folder} were changed on {day} or later?",
        "Count what has been modified in {folder} since {day}, that day included. Only files, please.",
        "Since {day}, and counting that day, how many files under {folder} have changed?",
        "files in {folder} changed from {day} on: how many?",
        "I was away until {day}. From that day on, how many files in {folder} were touched?",
    )
    return Request(desk.say(frames, folder=desk.said(folder), day=desk.dated(day)), f"Files: {count}.", number_answer(count))


@recipe("find_files")
def where_is(desk: OperatingSystemDesk) -> Request:
    path = find(desk, anywhere(desk))
    frames = (
        "Where below {home} is the file {name}?",
        "I cannot find {name} any more. It is somewhere in {home}, so what is its path?",
        "Please locate {name} under {home} and give me the full path.",
        "path of {name}, somewhere in {home}?",
        "In which folder of {home} did I leave {name}?",
    )
    said = {"name": posixpath.basename(path), "home": desk.said(desk.home)}
    folder = posixpath.dirname(path)
    answer = tuple(place.replace(desk.home, home) for place in (path, folder) for home in (desk.home, "~"))
    return Request(desk.say(frames, **said), f"It is {path}, in {folder}.", answer)


@recipe("find_files")
def where_is_folder(desk: OperatingSystemDesk) -> Request:
    name = posixpath.basename(desk.subfolder(desk.folder("tree")))
    path = desk.call("find_files", {"kind": ("any",)}, folder=desk.said(desk.home), name=name, kind="folder")["found"][0]["path"]
    frames = (
        "Where below {home} is the folder called {name}?",
        "There is a folder {name} somewhere in {home}. Give me its path.",
        "Please look for a folder named {name} under {home} and tell me where it lies.",
        "path of the folder {name} within {home}?",
        "I remember a folder {name}, but not what it is in. Search {home} for it.",
    )
    answer = (path, path.replace(desk.home, "~"), posixpath.basename(posixpath.dirname(path)))
    return Request(desk.say(frames, name=name, home=desk.said(desk.home)), f"It is {path}.", answer)


@recipe("copy_path")
def copy_to_folder(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path = desk.pick(desk.inside(here, deep=True))
    desk.call("copy_path", source=desk.said(path), destination=desk.said(there))
    frames = (
        "Copy {path} into {folder}.",
        "Please put a copy of {path} into the folder {folder}.",
        "I want {path} in {folder} as well, and the original to stay where it is.",
        "duplicate {path} to {folder}/",
        "Could {folder} get its own copy of {path}?",
        "Both places need it: leave {path} alone, but have the same file in {folder}.",
    )
    return Request(desk.say(frames, path=desk.said(path), folder=desk.said(there)))


@recipe("copy_path")
def copy_as(desk: OperatingSystemDesk) -> Request:
    path = anywhere(desk)
    name = f"{desk.stem()}.{path.split('.', 1)[1]}"
    destination = f"{posixpath.dirname(path)}/{name}"
    desk.call("copy_path", source=desk.said(path), destination=desk.said(destination))
    frames = (
        "Copy {path} to {destination}.",
        "Make a copy of {path} in the same folder and call it {name}.",
        "Before I edit {path}, please save a duplicate beside it under the name {name}.",
        "same folder, second copy of {path}: {name}",
        "I need {path} twice. The copy is to be {destination}.",
    )
    return Request(desk.say(frames, path=desk.said(path), destination=desk.said(destination), name=name))


@recipe("copy_path")
def copy_over(desk: OperatingSystemDesk) -> Request:
    new = desk.file("tree", ".conf")
    old = desk.older(new)
    source, destination = desk.several((old, new), 2)
    desk.call("copy_path", source=desk.said(source), destination=desk.said(destination), overwrite=True)
    frames = (
        "Copy {source} over {destination}, which may be overwritten.",
        "Overwrite {destination} with a copy of {source}.",
        "{destination} is to become an exact copy of {source}. Its present text can go, but keep {source}.",
        "copy {source} -> {destination}, replace what is there",
        "Please bring {destination} to what {source} says by copying; yes, the old file gets replaced.",
    )
    return Request(desk.say(frames, source=desk.said(source), destination=desk.said(destination)))


@recipe("copy_path", asks=True)
def copy_where(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path = desk.pick(desk.inside(here, deep=True))
    desk.ask("Where should the copy go?")
    desk.call("copy_path", source=desk.said(path), destination=desk.said(there))
    frames = (
        "Please make a copy of {path} in my other folder.",
        "I need {path} in a second place. Copy it there.",
        "copy {path} for me",
        "Could you put a duplicate of {path} where I told you last week?",
        "{path} should also exist somewhere else, can you copy it over?",
    )
    replies = ("Into {folder}.", "The copy goes to {folder}.", "Put it in {folder}, please.", "{folder}")
    return Request(desk.say(frames, path=desk.said(path)), reply=desk.pick(replies).format(folder=desk.said(there)))


@recipe("move_path")
def rename(desk: OperatingSystemDesk) -> Request:
    path = anywhere(desk)
    name = f"{desk.stem()}.{path.split('.', 1)[1]}"
    desk.call("move_path", source=desk.said(path), destination=desk.said(f"{posixpath.dirname(path)}/{name}"))
    frames = (
        "Rename {path} to {name}.",
        "{path} has the wrong name, it should be {name} in the same folder.",
        "Please change the name of {path} to {name} and leave it where it is.",
        "rename: {path} -> {name}",
        "From now on {path} is to be called {name}, same folder.",
    )
    return Request(desk.say(frames, path=desk.said(path), name=name))


@recipe("move_path")
def move_to_folder(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path = desk.pick([*desk.inside(here, deep=True), desk.subfolder(here)])
    desk.call("move_path", source=desk.said(path), destination=desk.said(there))
    frames = (
        "Move {path} into {folder}.",
        "{path} does not belong there. Please shift it to the folder {folder}.",
        "Take {path} out of its folder and put it into {folder} instead.",
        "mv {path} to {folder}/",
        "I am tidying up: {path} should lie in {folder} and nowhere else.",
        "Could you relocate {path} to {folder}?",
    )
    return Request(desk.say(frames, path=desk.said(path), folder=desk.said(there)))


@recipe("move_path")
def move_over(desk: OperatingSystemDesk) -> Request:
    new = desk.file("tree", ".conf")
    old = desk.older(new)
    desk.call("move_path", source=desk.said(old), destination=desk.said(new), overwrite=True)
    frames = (
        "Rename {old} to {new} and replace the file that has this name now.",
        "Move {old} over {new}, overwriting it. {old} should be gone afterwards.",
        "The old settings were better: let {old} take the place of {new}, without leaving a copy behind.",
        "mv {old} {new}, overwrite",
        "Please put {old} in place of {new} by moving it; what {new} held is no longer needed.",
    )
    return Request(desk.say(frames, old=desk.said(old), new=desk.said(new)))


@recipe("delete_path")
def delete_file(desk: OperatingSystemDesk) -> Request:
    path = anywhere(desk)
    desk.call("delete_path", path=desk.said(path))
    frames = (
        "Delete {path}.",
        "Please get rid of the file {path}.",
        "I no longer need {path}, throw it away.",
        "rm {path}",
        "{path} can go for good. Would you remove it?",
        "The file {path} only takes up space. Erase it.",
    )
    return Request(desk.say(frames, path=desk.said(path)))


@recipe("delete_path")
def delete_folder(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    path = desk.pick((folder, desk.subfolder(folder)))
    files = desk.call("delete_path", path=desk.said(path), recursive=True)["files"]
    if desk.chance():
        frames: tuple[str, ...] = (
            "Delete the folder {path} with everything in it.",
            "The whole folder {path} can go, contents and all.",
            "Please remove {path} recursively.",
            "rm -r {path}",
            "Nothing in {path} is needed any longer. Erase the folder and all that it holds.",
        )
        return Request(desk.say(frames, path=desk.said(path)))
    frames = (
        "Delete the folder {path} with everything in it and tell me how many files that were.",
        "Please remove {path} recursively. How many files are gone?",
        "How many files disappear if {path} goes with all its contents? Do delete it.",
        "rm -r {path}, report the number of deleted files",
    )
    return Request(desk.say(frames, path=desk.said(path)), f"Files deleted: {files}.", number_answer(files))


@recipe("set_permissions")
def permissions_in_words(desk: OperatingSystemDesk) -> Request:
    path = anywhere(desk)
    mode = new_mode(desk, path)
    desk.call("set_permissions", path=desk.said(path), mode=mode)
    frames = (
        "Set the permissions of {path} so that {meaning}.",
        "Please see to {path}: {meaning}.",
        "For {path} I want this to hold: {meaning}.",
        "{path}: {meaning}. nothing more",
        "Who may do what with {path} is wrong. It should be that {meaning}.",
    )
    return Request(desk.say(frames, path=desk.said(path), meaning=MODES[mode]))


@recipe("set_permissions")
def permissions_in_digits(desk: OperatingSystemDesk) -> Request:
    path = anywhere(desk)
    mode = new_mode(desk, path)
    desk.call("set_permissions", path=desk.said(path), mode=mode)
    frames = (
        "Set the mode of {path} to {mode}.",
        "chmod {mode} {path}",
        "The file {path} needs mode {mode}, please change that.",
        "Could you give {path} the permissions {mode}?",
        "Its permissions should be {mode}. I am talking about {path}.",
    )
    return Request(desk.say(frames, path=desk.said(path), mode=mode))


@recipe("set_permissions")
def permissions_below(desk: OperatingSystemDesk) -> Request:
    path, mode = desk.folder("tree"), desk.pick(FOLDER_MODES)
    desk.call("set_permissions", path=desk.said(path), mode=mode, recursive=True)
    frames = (
        "Set the mode of {path} and of everything in it to {mode}.",
        "Give the folder {path} the permissions {mode}, recursively.",
        "All files and folders below {path}, and {path} itself, should have mode {mode}.",
        "chmod -R {mode} {path}",
        "Please apply {mode} to the whole of {path}, contents included.",
    )
    return Request(desk.say(frames, path=desk.said(path), mode=mode))


@recipe("set_permissions", asks=True)
def permissions_unsaid(desk: OperatingSystemDesk) -> Request:
    path = anywhere(desk)
    mode = new_mode(desk, path)
    desk.ask("Which permissions should it get?")
    desk.call("set_permissions", path=desk.said(path), mode=mode)
    frames = (
        "Change the permissions of {path}.",
        "{path} has the wrong mode. Please set the right one.",
        "Who may read and write {path}? Not the right people. Mend that for me.",
        "chmod for {path} please",
        "I would like other permissions on {path}.",
    )
    replies = ("Mode {mode}.", "Make it {mode}, please.", "{mode}", "It needs {mode}.")
    return Request(desk.say(frames, path=desk.said(path)), reply=desk.pick(replies).format(mode=mode))


@recipe("measure_folder")
def space(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    unit = desk.pick(("bytes", "kilobytes", "megabytes"))
    value = desk.call("measure_folder", folder=desk.said(folder), unit=unit)[unit]
    frames = (
        "How many {unit} does {folder} take on the disk?",
        "What is the total size of the folder {folder} in {unit}?",
        "Please add up all that lies in {folder} and give me the space in {unit}.",
        "disk usage of {folder}, in {unit}?",
        "I want to move {folder} to a memory stick. How many {unit} will it need?",
        "Tell me how large {folder} is with everything below it. The answer should be in {unit}.",
    )
    return Request(desk.say(frames, folder=desk.said(folder), unit=unit), f"It takes {value} {unit}.", number_answer(value))


@recipe("measure_folder")
def largest_entry(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    unit = {"unit": ("bytes", "kilobytes")}
    path = desk.call("measure_folder", unit, folder=desk.said(folder), breakdown=True)["largest"][0]["path"]
    frames = (
        "Of the files and folders directly in {folder}, which takes most space, a folder counting with all its contents?",
        "Break down the disk usage of {folder}: which entry comes first?",
        "Where does the space of {folder} go? Name the entry, file or subfolder as a whole, that takes most.",
        "du of {folder} per entry, subfolders as a whole: largest one?",
        "Please split the space that {folder} takes by its immediate files and subfolders. Which one is on top?",
    )
    return Request(desk.say(frames, folder=desk.said(folder)), f"It is {path}.", (posixpath.basename(path),))


@recipe("find_files", "delete_path")
def find_and_delete(desk: OperatingSystemDesk) -> Request:
    path = find(desk, anywhere(desk))
    desk.call("delete_path", path=path)
    frames = (
        "Find {name} somewhere below {home} and delete it.",
        "I have no use for {name} any more. It lies somewhere in {home}; search it and remove it.",
        "Please look {name} up under {home} and throw it away.",
        "delete {name}, wherever in {home} it is",
        "Somewhere in {home} there is a {name}. Get rid of it.",
    )
    return Request(desk.say(frames, name=posixpath.basename(path), home=desk.said(desk.home)))


@recipe("find_files", "copy_path")
def find_and_copy(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path = find(desk, desk.pick(desk.inside(here, deep=True)))
    desk.call("copy_path", source=path, destination=desk.said(there))
    frames = (
        "Find {name} in {home} and put a copy of it into {folder}.",
        "{folder} should get a copy of {name}, which is somewhere below {home}.",
        "Please search {home} for {name} and copy that file to {folder}.",
        "copy {name} (it is somewhere in {home}) to {folder}",
        "I do not know where in {home} my {name} is, but I want a duplicate of it in {folder}.",
    )
    return Request(desk.say(frames, name=posixpath.basename(path), home=desk.said(desk.home), folder=desk.said(there)))


@recipe("find_files", "move_path")
def find_and_move(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path = find(desk, desk.pick(desk.inside(here, deep=True)))
    desk.call("move_path", source=path, destination=desk.said(there))
    frames = (
        "Find {name} below {home} and move it to {folder}.",
        "{name} got lost somewhere in {home}. Track it down and put it into {folder}, where it belongs.",
        "Please search {home} for {name} and shift it to {folder}.",
        "move {name} (somewhere in {home}) -> {folder}",
    )
    return Request(desk.say(frames, name=posixpath.basename(path), home=desk.said(desk.home), folder=desk.said(there)))


@recipe("find_files", "set_permissions")
def find_and_protect(desk: OperatingSystemDesk) -> Request:
    path = find(desk, anywhere(desk))
    mode = new_mode(desk, path)
    desk.call("set_permissions", path=path, mode=mode)
    frames = (
        "Look for {name} in {home} and set its mode to {mode}.",
        "The file {name}, wherever it is below {home}, has to have the permissions {mode}.",
        "Please find {name} under {home}, then chmod it to {mode}.",
        "{name} (somewhere in {home}): mode {mode}",
        "Track down {name} in {home} and change things so that {meaning}.",
    )
    return Request(desk.say(frames, name=posixpath.basename(path), home=desk.said(desk.home), mode=mode, meaning=MODES[mode]))


@recipe("find_files", "delete_path")
def delete_largest(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("tree")
    path = desk.call("find_files", folder=desk.said(folder), sort_by="largest")["found"][0]["path"]
    desk.call("delete_path", path=path)
    frames = (
        "Delete the largest file below {folder}.",
        "I need room on the disk. Find out which file in {folder}, at any depth, is the biggest, and remove it.",
        "Please get rid of whichever file under {folder} takes most space.",
        "biggest file in {folder}, subfolders too: delete it",
    )
    return Request(desk.say(frames, folder=desk.said(folder)))


@recipe("measure_folder", "measure_folder")
def larger_folder(desk: OperatingSystemDesk) -> Request:
    pair = desk.several(desk.zones["tree"], 2)
    value = max(desk.call("measure_folder", folder=desk.said(folder))["megabytes"] for folder in pair)
    frames = (
        "Which takes more space, {0} or {1}? Tell me the megabytes of the larger one.",
        "Measure {0} and {1} and give me the greater of the two sizes in MB.",
        "Of the folders {0} and {1}, how many megabytes does the bigger one take?",
        "size in MB of the larger of {0} and {1}?",
    )
    return Request(desk.say(frames, *map(desk.said, pair)), f"The larger one takes {value} MB.", number_answer(value), lookups=2)


@recipe("copy_path", "set_permissions")
def copy_and_protect(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path, mode = desk.pick(desk.inside(here)), desk.pick(("400", "444", "440"))
    copy = desk.call("copy_path", source=desk.said(path), destination=desk.said(there))["path"]
    desk.call("set_permissions", path=copy, mode=mode)
    frames = (
        "Copy {path} into {folder}, then set the mode of the copy to {mode}.",
        "Put a duplicate of {path} into {folder}; that copy, not the original, gets mode {mode}.",
        "Please copy {path} to {folder} and afterwards protect the copy with {mode}.",
        "{path} -> copy in {folder}, chmod {mode} on the copy",
    )
    return Request(desk.say(frames, path=desk.said(path), folder=desk.said(there), mode=mode))


@recipe("find_files", "copy_path", "set_permissions")
def find_copy_protect(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path, mode = find(desk, desk.pick(desk.inside(here, deep=True))), desk.pick(("400", "444", "440"))
    copy = desk.call("copy_path", source=path, destination=desk.said(there))["path"]
    desk.call("set_permissions", path=copy, mode=mode)
    frames = (
        "Find {name} in {home}, copy it into {folder}, and give the copy the mode {mode}.",
        "Somewhere below {home} is {name}. I want a copy in {folder} that has mode {mode}.",
        "Please search {home} for {name}, put a duplicate into {folder} and set the permissions of that duplicate to {mode}.",
        "{name} (somewhere in {home}) -> copy to {folder}, then chmod {mode} the copy",
    )
    return Request(desk.say(frames, name=posixpath.basename(path), home=desk.said(desk.home), folder=desk.said(there), mode=mode))


@recipe("find_files", "move_path", "set_permissions")
def find_move_protect(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path, mode = find(desk, desk.pick(desk.inside(here, deep=True))), desk.pick(("400", "444", "440"))
    moved = desk.call("move_path", source=path, destination=desk.said(there))["path"]
    desk.call("set_permissions", path=moved, mode=mode)
    frames = (
        "Find {name} below {home}, move it into {folder} and then set its mode to {mode}.",
        "{name} is somewhere in {home}. It belongs into {folder}, and once it is there it should have mode {mode}.",
        "Please locate {name} in {home}, shift it to {folder}, and chmod it to {mode} after that.",
        "{name} (somewhere in {home}) -> move to {folder}, then mode {mode}",
    )
    return Request(desk.say(frames, name=posixpath.basename(path), home=desk.said(desk.home), folder=desk.said(there), mode=mode))


@recipe("find_files", "find_files", "delete_path")
def delete_older(desk: OperatingSystemDesk) -> Request:
    """Of two files, look both up and delete the one that was changed first."""
    here, there = desk.several(desk.zones["tree"], 2)
    first = desk.pick(desk.inside(here))
    nodes = desk.world.files.nodes
    second = desk.pick([path for path in desk.inside(there, deep=True) if nodes[path].modified != nodes[first].modified])
    found = [desk.call("find_files", {"kind": ("any",)}, folder=desk.said(desk.home), name=posixpath.basename(p)) for p in (first, second)]
    older = min((entry["found"][0] for entry in found), key=lambda entry: entry["changed"])
    desk.call("delete_path", path=older["path"])
    frames = (
        "Find {0} and {1} below {home} and delete the one that was changed longer ago.",
        "Somewhere in {home} are {0} and {1}. Keep the newer file of the two and remove the other.",
        "Please look up {0} and {1} in {home}, compare their dates, and throw the older one away.",
        "{0} vs {1}, both somewhere in {home}: delete whichever is older",
    )
    return Request(desk.say(frames, posixpath.basename(first), posixpath.basename(second), home=desk.said(desk.home)), lookups=2)
