"""Requests that lead through several areas of the machine, what one call returns being needed by a later one."""

from __future__ import annotations

import posixpath

from envs.operating_system import vocabulary as words
from envs.operating_system.queries import accounts, archives, jobs, processes, software, texts, tree
from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.scenario.desk import Request, recipe


@recipe("measure_folder", "write_file")
def note_space(desk: OperatingSystemDesk) -> Request:
    folder, target = desk.folder("tree"), desk.file("texts", ".txt", ".md", deep=True)
    value = desk.call("measure_folder", folder=desk.said(folder))["megabytes"]
    desk.call("write_file", path=desk.said(target), text=f"Space: {value} MB", mode="append")
    frames = (
        "Measure {folder} and append the line 'Space: N MB' to {target}, N being its megabytes.",
        "{target} should end with 'Space: <n> MB', n being what {folder} takes on the disk.",
        "Please find out how many megabytes {folder} takes and add 'Space: <number> MB' to the end of {target}.",
        "MB of {folder} -> last line of {target}: 'Space: <n> MB'",
    )
    return Request(desk.say(frames, folder=desk.said(folder), target=desk.said(target)))


@recipe("list_processes", "write_file")
def note_greediest(desk: OperatingSystemDesk) -> Request:
    target, kind = f"{desk.folder('texts')}/{desk.stem()}.txt", desk.pick(("cpu", "memory"))
    found = desk.call("list_processes", sort_by=kind)["processes"][0]
    desk.call("write_file", path=desk.said(target), text=f"{found['user']}: {found['name']}")
    frames = (
        "Find the process that takes most {kind} and write its user and name into the new file {target}, as '<user>: <name>'.",
        "Please create {target} with the text '<user>: <program>' for whatever process is highest in {kind}.",
        "Who runs the biggest consumer of {kind}, and what is it? Save that as '<user>: <program>' in a new file {target}.",
        "top process by {kind} -> new file {target}: '<user>: <name>'",
    )
    return Request(desk.say(frames, kind=kind, target=desk.said(target)))


@recipe("create_archive", "delete_path")
def pack_and_delete(desk: OperatingSystemDesk) -> Request:
    top = desk.folder("archives")
    folder, archive = desk.subfolder(top), archives.new_archive(desk, top)
    desk.call("create_archive", archive=desk.said(archive), paths=[desk.said(folder)])
    desk.call("delete_path", path=desk.said(folder), recursive=True)
    frames = (
        "Pack the folder {folder} into {archive} and delete the folder with everything in it afterwards.",
        "I want {folder} only as an archive: make {archive} of it, then remove the folder and its contents.",
        "Please compress {folder} to {archive}. Once that is done the folder itself can go, files included.",
        "{folder} -> {archive}, then rm -r the folder",
    )
    return Request(desk.say(frames, folder=desk.said(folder), archive=desk.said(archive)))


@recipe("create_archive", "set_permissions")
def pack_and_protect(desk: OperatingSystemDesk) -> Request:
    top, mode = desk.folder("archives"), desk.pick(("400", "440", "444", "600"))
    folder, archive = desk.subfolder(top), archives.new_archive(desk, top)
    place = desk.call("create_archive", archive=desk.said(archive), paths=[desk.said(folder)])["archive"]
    desk.call("set_permissions", path=place, mode=mode)
    frames = (
        "Pack the folder {folder} into {archive} and set the mode of the archive to {mode}.",
        "Make {archive} out of the folder {folder}; the archive, once there, gets the permissions {mode}.",
        "Please archive {folder} as {archive} and see to it that for this file {meaning}.",
        "{folder} -> {archive}, chmod {mode} on the archive",
    )
    meaning = {"440": "I and the group may read it, and nobody may do anything else", **tree.MODES}[mode]
    return Request(desk.say(frames, folder=desk.said(folder), archive=desk.said(archive), mode=mode, meaning=meaning))


@recipe("find_files", "create_job")
def run_script(desk: OperatingSystemDesk) -> Request:
    path = tree.find(desk, desk.file("tree", ".conf"))
    (name, command), time = jobs.new_job(desk), jobs.clock(desk)
    when, equal = jobs.every_day(time)
    program = command.split()[0]
    desk.call("create_job", {"when": equal}, name=name, command=f"{program} {path}", when=when)
    frames = (
        "Find {file} below {home} and schedule '{program} <its full path>' every day at {at} as the job {name}.",
        "The new daily job {name} is to run '{program} <path>' at {at}, the path being that of {file} somewhere in {home}.",
        "Please look up where in {home} {file} lies. Then make a job {name} that runs '{program} <that path>' daily at {at}.",
        "job {name}: '{program} <full path of {file}, see {home}>', daily {at}",
    )
    said = {"file": posixpath.basename(path), "home": desk.home, "program": program, "name": name, "at": desk.at(time)}
    return Request(desk.say(frames, **said))


@recipe("find_text", "delete_path")
def delete_where(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("texts")
    _, phrase = texts.phrase(desk, folder)
    place = desk.call("find_text", folder=desk.said(folder), pattern=phrase)["places"][0]
    desk.call("delete_path", path=place["path"])
    frames = (
        "Delete the file below {folder} that contains '{phrase}'.",
        "One of the files in {folder} says '{phrase}'. Find out which and get rid of it.",
        "Please search {folder} for '{phrase}' and throw away the file that has it.",
        "the file with '{phrase}' somewhere in {folder}: delete it",
    )
    return Request(desk.say(frames, folder=desk.said(folder), phrase=phrase))


@recipe("find_files", "read_file")
def find_and_read(desk: OperatingSystemDesk) -> Request:
    path = desk.file("tree", ".conf")
    key, value = desk.setting(path)
    desk.call("read_file", path=tree.find(desk, path))
    frames = (
        "Somewhere below {home} is {file}. Which {key} does it set?",
        "Look for {file} in {home} and tell me the value of {key} in it.",
        "What is {key} in {file}? I do not know where in {home} that file lies.",
        "{key} according to {file}, somewhere in {home}?",
    )
    said = {"home": desk.said(desk.home), "file": posixpath.basename(path), "key": key}
    return Request(desk.say(frames, **said), f"{key} is {value}.", (value,))


@recipe("extract_archive", "read_file")
def unpack_and_read(desk: OperatingSystemDesk) -> Request:
    archive, folder = archives.existing(desk), archives.new_folder(desk)
    paths = desk.call("extract_archive", archive=desk.said(archive), destination=desk.said(folder), only="*.conf")["paths"]
    key, value = desk.setting(paths[0])
    desk.call("read_file", path=paths[0])
    frames = (
        "Unpack just the .conf file of {archive} into {folder} and tell me which {key} it sets.",
        "What does the .conf file in {archive} say about {key}? Extract only that file, to {folder}, and look.",
        "Please get the one *.conf out of {archive} into {folder}, read it, and report the {key}.",
        "{archive}: *.conf only -> {folder}; value of {key} in it?",
    )
    return Request(desk.say(frames, archive=desk.said(archive), folder=desk.said(folder), key=key), f"{key} is {value}.", (value,))


@recipe("read_file", "set_variable")
def setting_to_variable(desk: OperatingSystemDesk) -> Request:
    path, name = texts.settings(desk), desk.pick(words.NEW_VARIABLES)
    key, value = desk.setting(path)
    desk.call("read_file", path=desk.said(path))
    desk.call("set_variable", {"user": (desk.world.owner,)}, name=name, value=value)
    frames = (
        "Read {key} from {path} and make its value my environment variable {name}.",
        "My variable {name} should have the value that {path} gives for {key}.",
        "Please look up {key} in {path}, then set {name} in my environment to just that.",
        "{name} (my environment) = {key} from {path}",
    )
    return Request(desk.say(frames, key=key, path=desk.said(path), name=name))


@recipe("install_package", "write_file")
def note_version(desk: OperatingSystemDesk) -> Request:
    package, target = desk.absent(), desk.file("texts", ".txt", ".md", deep=True)
    version = desk.call("install_package", name=package)["version"]
    desk.call("write_file", path=desk.said(target), text=f"{package} {version}", mode="append")
    frames = (
        "Install {package} and append '{package} <version>' with the version that you got to {target}.",
        "I need {package} on this machine. Note it at the end of {target} as '{package} <version>'.",
        "Please set up {package}, then add the line '{package} N' to the end of {target}, N being the installed version.",
        "install {package}; last line of {target}: '{package} <version>'",
    )
    return Request(desk.say(frames, package=package, target=desk.said(target)))


@recipe("find_files", "create_archive")
def pack_largest(desk: OperatingSystemDesk) -> Request:
    folder, archive = desk.folder("tree"), archives.new_archive(desk, desk.folder("archives"))
    path = desk.call("find_files", folder=desk.said(folder), sort_by="largest")["found"][0]["path"]
    desk.call("create_archive", archive=desk.said(archive), paths=[path])
    frames = (
        "Pack the largest file below {folder} into {archive}.",
        "Find out which file in {folder}, at any depth, is the biggest and make the archive {archive} of it.",
        "Please put whichever single file takes most space under {folder} into a new archive {archive}.",
        "biggest file in {folder}, subfolders too -> {archive}",
    )
    return Request(desk.say(frames, folder=desk.said(folder), archive=desk.said(archive)))


@recipe("find_files", "create_archive", "delete_path")
def pack_largest_and_delete(desk: OperatingSystemDesk) -> Request:
    folder, archive = desk.folder("tree"), archives.new_archive(desk, desk.folder("archives"))
    path = desk.call("find_files", folder=desk.said(folder), sort_by="largest")["found"][0]["path"]
    desk.call("create_archive", archive=desk.said(archive), paths=[path])
    desk.call("delete_path", path=path)
    frames = (
        "Pack the largest file below {folder} into {archive}, then delete the file itself.",
        "Find the biggest file in {folder}, at any depth, archive it as {archive} and remove the original.",
        "Please get the heaviest file under {folder} out of the way: first into a new archive {archive}, then erase it.",
        "biggest file in {folder}, subfolders too -> {archive}, then rm the file",
    )
    return Request(desk.say(frames, folder=desk.said(folder), archive=desk.said(archive)))


@recipe("find_text", "read_file", "set_variable")
def found_setting_to_variable(desk: OperatingSystemDesk) -> Request:
    folder, name = desk.folder("texts"), desk.pick(words.NEW_VARIABLES)
    key, value = desk.setting(desk.pick(desk.inside(folder, ".conf")))
    place = desk.call("find_text", {"pattern": (f"{key} =", f"{key} = ")}, folder=desk.said(folder), pattern=key, files="*.conf")["places"][
        0
    ]
    desk.call("read_file", {"first_line": (place["line"],), "lines": (1,)}, path=place["path"])
    desk.call("set_variable", {"user": (desk.world.owner,)}, name=name, value=value)
    frames = (
        "Search the .conf files below {folder} for '{key}', read the value there, and make it my environment variable {name}.",
        "One .conf file in {folder} sets '{key}'. Find it, look at the value and give it to {name} in my environment.",
        "Please find '{key}' in the .conf files under {folder}; what it is set to should be my variable {name} too.",
        "{name} (my environment) = value of '{key}', which is in some .conf file in {folder}",
    )
    return Request(desk.say(frames, folder=desk.said(folder), key=key, name=name))


@recipe("list_processes", "end_process", "control_service")
def end_and_restart(desk: OperatingSystemDesk) -> Request:
    name, service = desk.pick(processes.alone(desk)).name, desk.pick(software.services(desk, True))
    found = desk.call("list_processes", {"sort_by": ("memory",), "user": (desk.world.owner,)}, name=name)["processes"][0]
    desk.call("end_process", pid=found["pid"])
    desk.call("control_service", service=service, action="restart")
    frames = (
        "Look up the process {name} and end it, then restart the service {service}.",
        "{name} blocks the service {service}. Find its pid, close it, and give the service a restart after that.",
        "Please find and terminate {name}; as soon as it is gone, restart {service}.",
        "{name}: find pid, end; then restart {service}",
    )
    return Request(desk.say(frames, name=name, service=service))


@recipe("create_user", "set_variable", "create_job")
def new_colleague(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    (job, command), time, variable = jobs.new_job(desk), jobs.clock(desk), desk.pick(list(words.VARIABLES))
    value = desk.pick(words.VARIABLES[variable])
    home = desk.call("create_user", login=login, full_name=person)["home"]
    desk.call("set_variable", name=variable, value=value, user=login)
    when, equal = jobs.every_day(time)
    program = command.split()[0]
    desk.call("create_job", {"when": equal}, name=job, command=f"{program} {home}", when=when)
    frames = (
        (
            "Add {person} as the user {login} and set {variable} to '{value}' there. "
            "Then a daily job {job} at {at}: '{program} <the new home folder>'."
        ),
        (
            "{person} needs the account {login}, next {variable}='{value}' in it, "
            "and last the job {job} running '{program} <home folder>' daily at {at}."
        ),
        (
            "Please create user {login} ({person}), set that user's {variable} to "
            "'{value}', then schedule '{program} <new home>' as {job}, daily at {at}."
        ),
        "user {login} ({person}); their {variable}='{value}'; job {job}: '{program} <their home folder>', daily {at}",
    )
    said = {"login": login, "person": person, "variable": variable, "value": value, "job": job, "program": program, "at": desk.at(time)}
    return Request(desk.say(frames, **said))


@recipe("install_package", "control_service", "create_job")
def install_and_schedule(desk: OperatingSystemDesk) -> Request:
    package, time = software.absent_with_service(desk), jobs.clock(desk)
    job, _ = jobs.new_job(desk)
    service = desk.call("install_package", name=package)["service"]
    desk.call("control_service", service=service, action="start")
    when, equal = jobs.every_day(time)
    desk.call("create_job", {"when": equal}, name=job, command=f"check-service {service}", when=when)
    frames = (
        "Install {package}, start its service, and schedule 'check-service <service>' with its name as the job {job}, daily at {at}.",
        "I need {package} and its service running. After that, a daily job {job} at {at} should run 'check-service <that service>'.",
        "Please set up {package}, start the service it brings, then create the job {job}: 'check-service <service>' every day at {at}.",
        "install {package}, start its service, then job {job}: 'check-service <service>', daily {at}",
    )
    return Request(desk.say(frames, package=package, job=job, at=desk.at(time)))


@recipe("measure_folder", "measure_folder", "write_file")
def note_two_spaces(desk: OperatingSystemDesk) -> Request:
    folders, target = desk.several(desk.zones["tree"], 2), f"{desk.folder('texts')}/{desk.stem()}.txt"
    sizes = [desk.call("measure_folder", folder=desk.said(folder))["megabytes"] for folder in folders]
    desk.call("write_file", path=desk.said(target), text=f"{sizes[0]} and {sizes[1]} MB")
    frames = (
        "Measure {0} and {1} in megabytes and create {target} with the text 'N and M MB', in this order.",
        "Please write a new file {target} that says '<n> and <m> MB': n is the space of {0}, m that of {1}.",
        "How many megabytes do {0} and {1} take? Put the answer into the new file {target} as '<first> and <second> MB'.",
        "new file {target}: '<MB of {0}> and <MB of {1}> MB'",
    )
    return Request(desk.say(frames, *map(desk.said, folders), target=desk.said(target)), lookups=2)


@recipe("compare_files", "copy_path", "write_file")
def restore(desk: OperatingSystemDesk) -> Request:
    new = texts.settings(desk)
    old, target = desk.older(new), f"{posixpath.dirname(new)}/{desk.stem()}.txt"
    removed = desk.call("compare_files", first=desk.said(old), second=desk.said(new))["removed"]
    desk.call("copy_path", source=desk.said(old), destination=desk.said(new), overwrite=True)
    desk.call("write_file", path=desk.said(target), text=f"Lines restored: {removed}")
    frames = (
        "Count the lines removed from {old} to {new}, copy {old} over {new}, and create {target}: 'Lines restored: <count>'.",
        (
            "How many lines did {new} lose since {old}? Overwrite it with a copy "
            "of {old}, then write 'Lines restored: N' into the new file {target}."
        ),
        (
            "Please diff {old} and the newer {new}, restore {old} over {new} "
            "as a copy, and note 'Lines restored: <removed>' in a new {target}."
        ),
        "diff {old} -> {new}; copy {old} over {new}; new file {target}: 'Lines restored: <removed lines>'",
    )
    return Request(desk.say(frames, old=desk.said(old), new=desk.said(new), target=desk.said(target)))


@recipe("find_files", "copy_path", "write_file", "set_permissions")
def copy_sign_protect(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path = tree.find(desk, desk.pick(desk.inside(here, ".txt", ".md", deep=True)))
    text, mode = desk.line(), desk.pick(("400", "444", "440"))
    copy = desk.call("copy_path", source=path, destination=desk.said(there))["path"]
    desk.call("write_file", path=copy, text=text, mode="append")
    desk.call("set_permissions", path=copy, mode=mode)
    frames = (
        "Find {name} in {home}, copy it into {folder}, append '{text}' to the copy, and set the copy's mode to {mode}.",
        "I want {name}, wherever in {home} it is, as a copy in {folder}. The copy ends with '{text}' and finally gets mode {mode}.",
        "Please look up {name} below {home}, put a duplicate into {folder}, add the line '{text}' there, and chmod that file {mode}.",
        "{name} (somewhere in {home}): copy to {folder}; append '{text}' to the copy; chmod {mode} the copy",
    )
    said = {"name": posixpath.basename(path), "home": desk.said(desk.home), "folder": desk.said(there), "text": text, "mode": mode}
    return Request(desk.say(frames, **said))


@recipe("find_files", "create_archive", "delete_path", "create_job")
def pack_and_schedule(desk: OperatingSystemDesk) -> Request:
    folder, archive = desk.folder("tree"), archives.new_archive(desk, desk.folder("archives"))
    (job, command), time = jobs.new_job(desk), jobs.clock(desk)
    path = desk.call("find_files", folder=desk.said(folder), sort_by="largest")["found"][0]["path"]
    desk.call("create_archive", archive=desk.said(archive), paths=[path])
    desk.call("delete_path", path=path)
    when, equal = jobs.every_day(time)
    desk.call("create_job", {"when": equal}, name=job, command=command, when=when)
    frames = (
        "Pack the largest file below {folder} into {archive} and delete the file. Then schedule '{command}' daily at {at} as {job}.",
        (
            "The biggest file in {folder}, at any depth, is to be archived as {archive} "
            "and erased. After that, add a job {job}: '{command}' daily at {at}."
        ),
        (
            "Please archive whatever file is largest under {folder} as {archive}, "
            "remove it, and create the job {job}, '{command}' every day at {at}."
        ),
        "biggest file in {folder}, subfolders too -> {archive}; rm the file; job {job}: '{command}', daily {at}",
    )
    said = {"folder": desk.said(folder), "archive": desk.said(archive), "command": command, "job": job, "at": desk.at(time)}
    return Request(desk.say(frames, **said))


@recipe("extract_archive", "read_file", "set_variable", "delete_path")
def peek_and_set(desk: OperatingSystemDesk) -> Request:
    archive, folder, name = archives.existing(desk), archives.new_folder(desk), desk.pick(words.NEW_VARIABLES)
    found = desk.call("extract_archive", archive=desk.said(archive), destination=desk.said(folder), only="*.conf")
    key, value = desk.setting(found["paths"][0])
    desk.call("read_file", path=found["paths"][0])
    desk.call("set_variable", {"user": (desk.world.owner,)}, name=name, value=value)
    desk.call("delete_path", path=found["folder"], recursive=True)
    frames = (
        (
            "Unpack the .conf file of {archive} into {folder}, read {key} in it, "
            "make that my variable {name}, and delete {folder} with its contents."
        ),
        (
            "My variable {name} should be the {key} of the .conf file in {archive}. "
            "Extract only that to {folder} and remove {folder} at the end."
        ),
        (
            "Please extract just *.conf from {archive} to {folder}, set {name} in "
            "my environment to its {key}, then erase {folder} and what is in it."
        ),
        "{archive}: *.conf only -> {folder}; my variable {name} = its {key}; then rm -r {folder}",
    )
    return Request(desk.say(frames, archive=desk.said(archive), folder=desk.said(folder), key=key, name=name))


@recipe("find_text", "read_file", "set_variable", "create_job")
def setting_everywhere(desk: OperatingSystemDesk) -> Request:
    folder, name = desk.folder("texts"), desk.pick(words.NEW_VARIABLES)
    (job, command), time = jobs.new_job(desk), jobs.clock(desk)
    key, value = desk.setting(desk.pick(desk.inside(folder, ".conf")))
    place = desk.call("find_text", {"pattern": (f"{key} =", f"{key} = ")}, folder=desk.said(folder), pattern=key, files="*.conf")["places"][
        0
    ]
    desk.call("read_file", {"first_line": (place["line"],), "lines": (1,)}, path=place["path"])
    desk.call("set_variable", {"user": (desk.world.owner,)}, name=name, value=value)
    when, equal = jobs.every_day(time)
    program = command.split()[0]
    desk.call("create_job", {"when": equal}, name=job, command=f"{program} {value}", when=when)
    frames = (
        (
            "Search the .conf files in {folder} for '{key}' and read its value. Set my "
            "variable {name} to it, then schedule '{program} <value>' daily at {at} as {job}."
        ),
        (
            "Some .conf file below {folder} sets '{key}'. That value goes into my "
            "variable {name} and then into a job {job}: '{program} <value>', daily at {at}."
        ),
        (
            "Please find '{key}' in the .conf files of {folder}, give its value to my "
            "variable {name}, and create the job {job} for '{program} <value>' daily at {at}."
        ),
        "'{key}' in some .conf below {folder} -> my variable {name}; then job {job}: '{program} <its value>', daily {at}",
    )
    said = {"folder": desk.said(folder), "key": key, "name": name, "program": program, "job": job, "at": desk.at(time)}
    return Request(desk.say(frames, **said))


@recipe("list_processes", "end_process", "install_package", "control_service", "write_file")
def make_way(desk: OperatingSystemDesk) -> Request:
    name, package = desk.pick(processes.alone(desk)).name, software.absent_with_service(desk)
    target = f"{desk.folder('texts')}/{desk.stem()}.txt"
    found = desk.call("list_processes", {"sort_by": ("memory",), "user": (desk.world.owner,)}, name=name)["processes"][0]
    desk.call("end_process", pid=found["pid"])
    installed = desk.call("install_package", name=package)
    desk.call("control_service", service=installed["service"], action="start")
    desk.call("write_file", path=desk.said(target), text=f"{package} {installed['version']}")
    frames = (
        "Look up {name} and end it. Install {package}, start its service, and create {target} with the text '{package} <version>'.",
        (
            "First find the process {name} and close it, then set up {package}, "
            "start the service it brings, and save '{package} <version>' as {target}."
        ),
        (
            "Please terminate {name} (find its pid), install {package}, get its service "
            "started, and write '{package} N', N the version, into a new {target}."
        ),
        "find + end {name}; install {package}; start its service; new file {target}: '{package} <version>'",
    )
    return Request(desk.say(frames, name=name, package=package, target=desk.said(target)))


@recipe("find_files", "copy_path", "create_archive", "delete_path", "set_permissions")
def keep_copy(desk: OperatingSystemDesk) -> Request:
    here, there = desk.several(desk.zones["tree"], 2)
    path, mode = tree.find(desk, desk.pick(desk.inside(here, deep=True))), desk.pick(("400", "440", "444"))
    archive = archives.new_archive(desk, desk.folder("archives"))
    copy = desk.call("copy_path", source=path, destination=desk.said(there))["path"]
    desk.call("create_archive", archive=desk.said(archive), paths=[path])
    desk.call("delete_path", path=path)
    desk.call("set_permissions", path=copy, mode=mode)
    frames = (
        (
            "Find {name} in {home} and copy it to {folder}. Pack the original into "
            "{archive}, delete the original, and set the copy's mode to {mode}."
        ),
        (
            "Somewhere in {home} is {name}: put a copy into {folder}, archive the "
            "original as {archive}, erase it, and last give the copy mode {mode}."
        ),
        (
            "Please look up {name} below {home}, duplicate it into {folder}, pack "
            "the original as {archive}, remove it, then chmod the duplicate {mode}."
        ),
        "{name} (somewhere in {home}): copy to {folder}; original -> {archive}; rm the original; chmod {mode} the copy",
    )
    said = {"name": posixpath.basename(path), "home": desk.said(desk.home), "folder": desk.said(there), "archive": desk.said(archive)}
    return Request(desk.say(frames, **said, mode=mode))


@recipe("measure_folder", "measure_folder", "create_archive", "delete_path", "create_job")
def pack_larger(desk: OperatingSystemDesk) -> Request:
    pair, archive = desk.several(desk.zones["tree"], 2), archives.new_archive(desk, desk.folder("archives"))
    (job, command), time = jobs.new_job(desk), jobs.clock(desk)
    sizes = {folder: desk.call("measure_folder", folder=desk.said(folder))["megabytes"] for folder in pair}
    larger = desk.said(max(pair, key=lambda folder: sizes[folder]))
    desk.call("create_archive", archive=desk.said(archive), paths=[larger])
    desk.call("delete_path", path=larger, recursive=True)
    when, equal = jobs.every_day(time)
    desk.call("create_job", {"when": equal}, name=job, command=command, when=when)
    frames = (
        (
            "Measure {0} and {1}, pack the larger one into {archive}, delete that "
            "folder with its contents, then schedule '{command}' daily at {at} as {job}."
        ),
        (
            "Whichever of {0} and {1} takes more space is to be archived as {archive} and "
            "then erased, files and all. Afterwards: job {job}, '{command}' daily at {at}."
        ),
        (
            "Please find out which is bigger, {0} or {1}, make {archive} of it, remove "
            "the folder recursively, and create the job {job}: '{command}', daily at {at}."
        ),
        "larger of {0} and {1} -> {archive}; rm -r that folder; job {job}: '{command}', daily {at}",
    )
    said = {"archive": desk.said(archive), "command": command, "job": job, "at": desk.at(time)}
    return Request(desk.say(frames, *map(desk.said, pair), **said), lookups=2)


@recipe("find_text", "read_file", "set_variable", "write_file", "create_job")
def spread_setting(desk: OperatingSystemDesk) -> Request:
    folder, name = desk.folder("texts"), desk.pick(words.NEW_VARIABLES)
    (job, command), time, target = jobs.new_job(desk), jobs.clock(desk), f"{folder}/{desk.stem()}.txt"
    key, value = desk.setting(desk.pick(desk.inside(folder, ".conf")))
    place = desk.call("find_text", {"pattern": (f"{key} =", f"{key} = ")}, folder=desk.said(folder), pattern=key, files="*.conf")["places"][
        0
    ]
    desk.call("read_file", {"first_line": (place["line"],), "lines": (1,)}, path=place["path"])
    desk.call("set_variable", {"user": (desk.world.owner,)}, name=name, value=value)
    desk.call("write_file", path=desk.said(target), text=f"{name} is {value}")
    when, equal = jobs.every_day(time)
    desk.call("create_job", {"when": equal}, name=job, command=command, when=when)
    frames = (
        (
            "Find '{key}' in the .conf files of {folder} and read it. Give my variable {name} that "
            "value, create {target}: '{name} is <value>', then job {job}: '{command}' daily at {at}."
        ),
        (
            "Some .conf in {folder} sets '{key}'. Make the value my variable {name}, note '{name} "
            "is <value>' in a new {target}, and schedule '{command}' daily at {at} as {job}."
        ),
        (
            "'{key}' (some .conf in {folder}) -> my variable {name}; new file "
            "{target}: '{name} is <value>'; then job {job}: '{command}', daily {at}"
        ),
        (
            "Please look for '{key}' in the .conf files below {folder}; its value becomes my {name}, "
            "{target} is made to say '{name} is <value>', and '{command}' becomes the daily job {job} at {at}."
        ),
    )
    said = {"folder": desk.said(folder), "key": key, "name": name, "target": desk.said(target), "job": job, "command": command}
    return Request(desk.say(frames, **said, at=desk.at(time)))


@recipe("create_user", "set_variable", "write_file")
def welcome(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    variable, target = desk.pick(list(words.VARIABLES)), desk.file("texts", ".txt", ".md", deep=True)
    value = desk.pick(words.VARIABLES[variable])
    uid = desk.call("create_user", login=login, full_name=person)["uid"]
    desk.call("set_variable", name=variable, value=value, user=login)
    desk.call("write_file", path=desk.said(target), text=f"{login} has uid {uid}", mode="append")
    frames = (
        "Add the user {login} for {person}, set that user's {variable} to '{value}', and append '{login} has uid <uid>' to {target}.",
        (
            "{person} gets the account {login} with {variable}='{value}'. After "
            "both steps, {target} should end with '{login} has uid <number>'."
        ),
        (
            "Please create {login} for {person}; next set their {variable} to "
            "'{value}'; last, add '{login} has uid N' at the bottom of {target}."
        ),
        "user {login} ({person}); their {variable}='{value}'; last line of {target}: '{login} has uid <uid>'",
    )
    said = {"login": login, "person": person, "variable": variable, "value": value, "target": desk.said(target)}
    return Request(desk.say(frames, **said))


@recipe("create_user", "set_variable")
def same_as_mine(desk: OperatingSystemDesk) -> Request:
    login, person = desk.new_person()
    home = desk.call("create_user", login=login, full_name=person)["home"]
    name, _ = accounts.new_variable(desk)
    desk.call("set_variable", {"user": (desk.world.owner,)}, name=name, value=home)
    frames = (
        "Create the user {login} for {person} and set my own variable {name} to the new home folder.",
        "{person} needs the account {login}. Once it is there, my environment variable {name} should hold its home folder.",
        "Please add {person} as {login}; then put the path of that home folder into {name} in my environment.",
        "new user {login} ({person}); my {name} = their home folder",
    )
    return Request(desk.say(frames, login=login, person=person, name=name))
