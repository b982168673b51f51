"""Requests about archives."""

from __future__ import annotations

import posixpath

from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def new_archive(desk: OperatingSystemDesk, folder: str) -> str:
    return f"{folder}/{desk.stem()}{desk.pick(('.zip', '.tar.gz'))}"


def existing(desk: OperatingSystemDesk) -> str:
    return desk.file("archives", ".zip", ".tar.gz")


def new_folder(desk: OperatingSystemDesk) -> str:
    return f"{desk.folder('archives')}/{desk.stem()}"


def endings(desk: OperatingSystemDesk, paths: list[str]) -> list[str]:
    """Of files, without those of archives, whose names have two dots."""
    return sorted({path.rsplit(".", 1)[1] for path in paths} - {"gz", "zip"})


@recipe("create_archive")
def pack_two(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("archives")
    paths = [desk.said(path) for path in desk.several(desk.inside(folder, deep=True), 2)]
    archive = desk.said(new_archive(desk, folder))
    desk.call("create_archive", archive=archive, paths=paths)
    frames = (
        "Pack {0} and {1} into {archive}.",
        "Please make an archive {archive} out of {0} and {1}.",
        "{0} and {1} go to a client. Put both into one archive, {archive}.",
        "archive {archive} <- {0}, {1}",
        "I need {archive}, holding {0} and also {1}.",
        "Could you bundle {0} with {1} as {archive}?",
    )
    return Request(desk.say(frames, *paths, archive=archive))


@recipe("create_archive")
def pack_folder(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("archives")
    path, archive = desk.said(desk.subfolder(folder)), desk.said(new_archive(desk, folder))
    count = desk.call("create_archive", archive=archive, paths=[path])["files"]
    if desk.chance():
        frames: tuple[str, ...] = (
            "Pack the folder {path} into {archive}.",
            "Please make a backup of the whole folder {path} as {archive}.",
            "Everything in {path} should be in one archive, {archive}.",
            "archive the folder {path} as {archive}",
            "Could you compress the folder {path}? The result is to be {archive}.",
        )
        return Request(desk.say(frames, path=path, archive=archive))
    frames = (
        "Pack the folder {path} into {archive} and tell me how many files the archive holds.",
        "How many files are in {archive} once you have packed the folder {path} into it? Please do so.",
        "I want {path} compressed to {archive}, and the number of files that went in.",
        "{path} -> {archive}, report the file count",
    )
    return Request(desk.say(frames, path=path, archive=archive), f"Files in the archive: {count}.", number_answer(count))


@recipe("create_archive")
def pack_most(desk: OperatingSystemDesk) -> Request:
    path = desk.folder("archives")
    ending = desk.pick(endings(desk, desk.inside(path, deep=True)))
    archive = f"{desk.home}/{desk.stem()}{desk.pick(('.zip', '.tar.gz'))}"
    desk.call("create_archive", archive=desk.said(archive), paths=[desk.said(path)], exclude=f"*.{ending}")
    frames = (
        "Pack {path} into {archive}, but leave out all .{ending} files.",
        "Please archive the folder {path} as {archive} without anything that ends in .{ending}.",
        "I want {archive} to hold the whole folder {path} except for its .{ending} files.",
        "{path} -> {archive}, skip *.{ending}",
        "Make me a backup {archive} of the folder {path}; .{ending} files do not belong in it.",
    )
    return Request(desk.say(frames, path=desk.said(path), archive=desk.said(archive), ending=ending))


@recipe("create_archive", asks=True)
def pack_as_what(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("archives")
    path, archive = desk.said(desk.subfolder(folder)), desk.said(new_archive(desk, folder))
    desk.ask("What should the archive be called, and where should it lie?")
    desk.call("create_archive", archive=archive, paths=[path])
    frames = (
        "Pack the folder {path} into an archive.",
        "Please make a compressed archive of {path}.",
        "I need everything in {path} as one archive file.",
        "archive the folder {path}",
        "Could you bundle up {path} for me?",
    )
    reply = desk.pick(("As {archive}.", "Call it {archive}.", "{archive}, please.", "The archive is to be {archive}."))
    return Request(desk.say(frames, path=path), reply=reply.format(archive=archive))


@recipe("extract_archive")
def unpack(desk: OperatingSystemDesk) -> Request:
    archive, folder = desk.said(existing(desk)), desk.said(new_folder(desk))
    count = desk.call("extract_archive", archive=archive, destination=folder)["files"]
    if desk.chance(0.6):
        frames: tuple[str, ...] = (
            "Unpack {archive} into the new folder {folder}.",
            "Please extract all of {archive} to {folder}.",
            "I got {archive} from a colleague. Its files should end up in {folder}.",
            "unpack {archive} -> {folder}",
            "Could you open up {archive} and put what is in it into {folder}?",
            "{folder} does not exist yet; make it by extracting {archive} there.",
        )
        return Request(desk.say(frames, archive=archive, folder=folder))
    frames = (
        "Unpack {archive} into {folder}. How many files came out?",
        "How many files does {archive} give when you extract it to {folder}? Please do so.",
        "Extract {archive} to {folder} and report the number of files.",
        "{archive} -> {folder}, count of the extracted files?",
    )
    return Request(desk.say(frames, archive=archive, folder=folder), f"Files unpacked: {count}.", number_answer(count))


@recipe("extract_archive")
def unpack_some(desk: OperatingSystemDesk) -> Request:
    path = existing(desk)
    archive, folder = desk.said(path), desk.said(new_folder(desk))
    ending = desk.pick(endings(desk, list(desk.world.files.nodes[path].members or ())))
    desk.call("extract_archive", archive=archive, destination=folder, only=f"*.{ending}")
    frames = (
        "Unpack only the .{ending} files of {archive} into {folder}.",
        "From {archive} I need nothing but what ends in .{ending}. Extract that to {folder}.",
        "Please get the .{ending} files, and no others, out of {archive} and put them into {folder}.",
        "{archive} -> {folder}, *.{ending} only",
        "Could you extract {archive} to {folder}, leaving aside everything that is no .{ending} file?",
    )
    return Request(desk.say(frames, archive=archive, folder=folder, ending=ending))


@recipe("extract_archive")
def unpack_here(desk: OperatingSystemDesk) -> Request:
    path = existing(desk)
    archive, folder = desk.said(path), desk.said(posixpath.dirname(path))
    desk.call("extract_archive", archive=archive, destination=folder, overwrite=True)
    frames = (
        "Unpack {archive} into the folder where it lies, {folder}, and overwrite what has the same name.",
        "Extract {archive} to {folder}. If a file of that name is there already, replace it.",
        "Please empty {archive} out into {folder}; existing files may be overwritten.",
        "unpack {archive} in {folder}, overwrite allowed",
        "All files of {archive} should lie beside it in {folder}, even if that replaces older ones.",
    )
    return Request(desk.say(frames, archive=archive, folder=folder))


@recipe("create_archive", "extract_archive")
def pack_and_unpack(desk: OperatingSystemDesk) -> Request:
    folder = desk.folder("archives")
    path, archive, target = desk.subfolder(folder), new_archive(desk, folder), new_folder(desk)
    made = desk.call("create_archive", archive=desk.said(archive), paths=[desk.said(path)])["archive"]
    desk.call("extract_archive", archive=made, destination=desk.said(target))
    frames = (
        "Pack the folder {path} into {archive}, then unpack that archive into {target} as a trial.",
        "I want to test a backup: compress the folder {path} to {archive} and extract it again to {target}.",
        "Please archive {path} as {archive}; afterwards open the archive up in the new folder {target}.",
        "{path} -> {archive} -> unpack in {target}",
    )
    return Request(desk.say(frames, path=desk.said(path), archive=desk.said(archive), target=desk.said(target)))


@recipe("extract_archive", "create_archive")
def repack(desk: OperatingSystemDesk) -> Request:
    path, target = existing(desk), new_folder(desk)
    archive = f"{posixpath.dirname(path)}/{desk.stem()}{'.zip' if path.endswith('.gz') else '.tar.gz'}"
    folder = desk.call("extract_archive", archive=desk.said(path), destination=desk.said(target))["folder"]
    desk.call("create_archive", archive=desk.said(archive), paths=[folder])
    frames = (
        "Unpack {path} into {target} and pack that folder again, as {archive}.",
        "Turn {path} into {archive}: extract it to {target} first, then compress that folder.",
        "Please extract {path} to the new folder {target}, and after that make {archive} out of the folder.",
        "{path} -> unpack in {target} -> pack the folder as {archive}",
    )
    return Request(desk.say(frames, path=desk.said(path), target=desk.said(target), archive=desk.said(archive)))
