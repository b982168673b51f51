"""Requests about processes."""

from __future__ import annotations

from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.operating_system.world import Process
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer


def mine(desk: OperatingSystemDesk) -> list[Process]:
    """The owner's that do not hang and were not started by another."""
    processes = desk.world.processes.values()
    return [process for process in processes if process.user == desk.world.owner and not process.hung and not process.parent]


def alone(desk: OperatingSystemDesk) -> list[Process]:
    """Those of which no other has the name in its own."""
    every = list(desk.world.processes.values())
    return [process for process in mine(desk) if sum(process.name in other.name for other in every) == 1]


@recipe("list_processes")
def count_of_user(desk: OperatingSystemDesk) -> Request:
    user = desk.pick(sorted({process.user for process in desk.world.processes.values()}))
    count = desk.call("list_processes", {"sort_by": ("memory",)}, user=user)["count"]
    frames = (
        "How many processes does the user {user} have running?",
        "Count the running processes of {user}, please.",
        "{user} complains about a slow machine. How many processes run under that login?",
        "processes of {user}: how many?",
        "I would like to know how many programs {user} has open at the moment.",
    )
    return Request(desk.say(frames, user=user), f"Processes: {count}.", number_answer(count))


@recipe("list_processes")
def greediest(desk: OperatingSystemDesk) -> Request:
    kind, thing = desk.pick((("cpu", "processor time"), ("cpu", "cpu"), ("memory", "memory"), ("memory", "RAM")))
    found = desk.call("list_processes", sort_by=kind)["processes"][0]
    frames = (
        "Which process takes the most {thing} right now?",
        "The fan is loud. What is the name of the process that uses most {thing}, whoever runs it?",
        "Please tell me which program is first in a list by {thing}.",
        "top process by {thing}?",
        "Something eats up the {thing} of this machine. What is it?",
    )
    return Request(desk.say(frames, thing=thing), f"It is {found['name']}, process {found['pid']}.", (found["name"], str(found["pid"])))


@recipe("list_processes")
def greediest_of_user(desk: OperatingSystemDesk) -> Request:
    user = desk.pick(sorted({process.user for process in desk.world.processes.values()}))
    kind = desk.pick(("cpu", "memory"))
    found = desk.call("list_processes", user=user, sort_by=kind)["processes"][0]
    frames = (
        "Of all the processes of {user}, which one takes most {kind}?",
        "Name the process with the highest {kind} use that belongs to the user {user}.",
        "I want to talk to {user} about {kind}: which of that user's programs needs most of it?",
        "{user}, top process by {kind}?",
        "Please look at what {user} has running and tell me the biggest consumer of {kind}.",
    )
    return Request(desk.say(frames, user=user, kind=kind), f"It is {found['name']}.", (found["name"], str(found["pid"])))


@recipe("list_processes")
def pid_of(desk: OperatingSystemDesk) -> Request:
    name = desk.pick(alone(desk)).name
    found = desk.call("list_processes", {"sort_by": ("memory",)}, name=name)["processes"][0]
    if desk.chance():
        frames: tuple[str, ...] = (
            "What is the pid of {name}?",
            "Under which process number does {name} run?",
            "Please find the running program {name} and give me its pid.",
            "pid of {name}?",
            "I need the number of the process called {name}.",
        )
        return Request(desk.say(frames, name=name), f"Its pid is {found['pid']}.", (str(found["pid"]),))
    frames = (
        "How many megabytes of memory does {name} use?",
        "Is {name} hungry? Tell me its memory in megabytes.",
        "Please look up how much memory the process {name} takes, in MB.",
        "memory of {name}, in megabytes?",
    )
    return Request(desk.say(frames, name=name), f"It uses {found['megabytes']} MB.", number_answer(found["megabytes"]))


@recipe("end_process")
def end(desk: OperatingSystemDesk) -> Request:
    process = desk.pick(mine(desk))
    desk.call("end_process", pid=process.pid)
    frames = (
        "End process {pid}.",
        "Please close down the process with the pid {pid}, and only that one.",
        "{name} ({pid}) is not needed any more, terminate it.",
        "kill {pid}",
        "Could you stop the running process number {pid}?",
        "I want {pid} out of the process list; end it the normal way.",
    )
    return Request(desk.say(frames, pid=process.pid, name=process.name))


@recipe("end_process")
def end_hung(desk: OperatingSystemDesk) -> Request:
    process = next(process for process in desk.world.processes.values() if process.hung)
    desk.call("end_process", pid=process.pid, force=True)
    frames = (
        "Process {pid} hangs. End it by force.",
        "{name} does not react to anything any more. Its pid is {pid}, please force it to end.",
        "Force-quit the process {pid}.",
        "kill -9 {pid}",
        "I have lost patience with {name} ({pid}), which is frozen: terminate it forcibly.",
    )
    return Request(desk.say(frames, pid=process.pid, name=process.name))


@recipe("end_process")
def end_family(desk: OperatingSystemDesk) -> Request:
    parents = {process.parent for process in desk.world.processes.values()} - {0}
    process = desk.world.processes[desk.pick(sorted(parents))]
    desk.call("end_process", pid=process.pid, children=True)
    frames = (
        "End process {pid} together with all the processes that it started.",
        "{name} has the pid {pid}. Close it and its child processes.",
        "Please terminate {pid}, children included.",
        "end {pid} + its children",
        "Nothing that {name} ({pid}) has spawned should stay behind when you end it.",
    )
    return Request(desk.say(frames, pid=process.pid, name=process.name))


@recipe("end_process", asks=True)
def end_which(desk: OperatingSystemDesk) -> Request:
    process = next(process for process in desk.world.processes.values() if process.hung)
    desk.ask("Which process is it?")
    desk.call("end_process", pid=process.pid, force=True)
    frames = (
        "One of my programs is frozen. End it by force.",
        "Please force that stuck process to end.",
        "force-quit the hung process",
        "A window does not react any more, so kill the process forcibly, I have its pid here.",
        "There is a process that hangs. Can you end it the hard way?",
    )
    reply = desk.pick(("It is process {pid}.", "The pid is {pid}.", "{pid}", "{name}, pid {pid}.")).format(
        pid=process.pid, name=process.name
    )
    return Request(desk.say(frames), reply=reply)


@recipe("list_processes", "end_process")
def find_and_end(desk: OperatingSystemDesk) -> Request:
    name = desk.pick(alone(desk)).name
    found = desk.call("list_processes", {"sort_by": ("memory",), "user": (desk.world.owner,)}, name=name)["processes"][0]
    desk.call("end_process", pid=found["pid"])
    frames = (
        "Close the program {name}.",
        "I have no use for {name} right now. Look up its process and end it.",
        "Please find out the pid of {name} and terminate that process.",
        "{name}: find the process, end it",
        "The {name} that I started this morning can be shut down.",
    )
    return Request(desk.say(frames, name=name))


@recipe("list_processes", "end_process")
def end_greediest(desk: OperatingSystemDesk) -> Request:
    kind = desk.pick(("cpu", "memory"))
    owner = desk.world.owner
    found = desk.call("list_processes", user=owner, sort_by=kind)["processes"][0]
    desk.call("end_process", pid=found["pid"], force=True)
    frames = (
        "Find out which process of the user {owner} takes most {kind} and force it to end.",
        "Of what runs under my login {owner}, kill whatever takes the most {kind}, by force.",
        "Please look for the biggest {kind} consumer of {owner} and end that one process forcibly.",
        "{owner}: top process by {kind} -> force-quit it",
        "My session ({owner}) is slow. The process that is highest in {kind} should go, with force.",
    )
    return Request(desk.say(frames, owner=owner, kind=kind))


@recipe("list_processes", "end_process", "list_processes")
def end_and_count(desk: OperatingSystemDesk) -> Request:
    name, owner = desk.pick(alone(desk)).name, desk.world.owner
    found = desk.call("list_processes", {"sort_by": ("memory",), "user": (owner,)}, name=name)["processes"][0]
    desk.call("end_process", pid=found["pid"])
    count = desk.call("list_processes", {"sort_by": ("memory",)}, user=owner)["count"]
    frames = (
        "Look up {name}, end it, and then tell me how many processes {owner} still has.",
        "Close {name}. How many processes of the user {owner} are running after that?",
        "Please find the pid of {name}, terminate the process, and count what {owner} has running afterwards.",
        "end {name} (look up the pid), then: number of processes of {owner}?",
    )
    return Request(desk.say(frames, name=name, owner=owner), f"There are {count} left.", number_answer(count))
