"""Requests about packages and services."""

from __future__ import annotations

from envs.operating_system import vocabulary as words
from envs.operating_system.queries.desk import OperatingSystemDesk
from envs.scenario.desk import Request, recipe


def plain(desk: OperatingSystemDesk) -> list[str]:
    """Installed programs that bring no service."""
    return [name for name in desk.world.packages if name in words.PACKAGES and name not in words.SERVICES]


def services(desk: OperatingSystemDesk, running: bool) -> list[str]:
    return [name for name, service in desk.world.services.items() if service.running == running]


def absent_with_service(desk: OperatingSystemDesk) -> str:
    return desk.pick([name for name in words.SERVICES if name not in desk.world.packages])


@recipe("install_package")
def install(desk: OperatingSystemDesk) -> Request:
    name = desk.absent()
    version = desk.call("install_package", name=name)["version"]
    if desk.chance(0.6):
        frames: tuple[str, ...] = (
            "Install {name}.",
            "Please set up the package {name} on this machine.",
            "I need {name}, could you get the newest version?",
            "install {name}, latest version",
            "{name} is missing here. Put it on the machine.",
            "We want to try {name} this week, so it has to be installed.",
        )
        return Request(desk.say(frames, name=name))
    frames = (
        "Install {name} and tell me which version that is.",
        "Please put {name} on the machine. Which version did I get?",
        "Get me the latest {name}, and its version number.",
        "install {name}, report the version",
    )
    return Request(desk.say(frames, name=name), f"It is version {version}.", (version,))


@recipe("install_package")
def install_version(desk: OperatingSystemDesk) -> Request:
    name = desk.absent()
    version = desk.world.versions[name][0]
    desk.call("install_package", name=name, version=version)
    frames = (
        "Install version {version} of {name}.",
        "Please set up {name}, but it has to be {version} and nothing newer.",
        "Our course works with {name} {version}. Put that very version on the machine.",
        "install {name}={version}",
        "I need the package {name} in version {version}.",
    )
    return Request(desk.say(frames, name=name, version=version))


@recipe("install_package")
def upgrade(desk: OperatingSystemDesk) -> Request:
    world = desk.world
    name = desk.pick([name for name in plain(desk) if world.packages[name].version != world.versions[name][-1]])
    newest = world.versions[name][-1]
    desk.call("install_package", {"version": (newest,)}, name=name)
    frames = (
        "Bring {name} to the newest version.",
        "The {name} on this machine is old. Upgrade it, please.",
        "Please update the installed package {name} to whatever is the latest.",
        "upgrade {name}",
        "{name} {old} is installed, I would like the most recent one instead.",
    )
    return Request(desk.say(frames, name=name, old=world.versions[name][0]))


@recipe("remove_package")
def remove(desk: OperatingSystemDesk) -> Request:
    name = desk.pick(plain(desk))
    desk.call("remove_package", name=name)
    frames = (
        "Uninstall {name}.",
        "Please remove the package {name}, but leave everything that came with it.",
        "I never use {name}. Take it off the machine.",
        "remove package {name}",
        "Could you get rid of the installed {name}?",
        "{name} should not be installed any longer.",
    )
    return Request(desk.say(frames, name=name))


@recipe("remove_package")
def remove_all(desk: OperatingSystemDesk) -> Request:
    name = desk.pick(plain(desk))
    desk.call("remove_package", name=name, unused=True)
    frames = (
        "Uninstall {name} and also what is not needed without it.",
        "Remove the package {name} along with the libraries that nothing else uses.",
        "Please take {name} off the machine, and clean up whatever was only there for it.",
        "autoremove {name}",
        "{name} can go, and with it every package that has no other purpose.",
    )
    return Request(desk.say(frames, name=name))


@recipe("control_service")
def is_running(desk: OperatingSystemDesk) -> Request:
    service = desk.pick(list(desk.world.services))
    state = desk.call("control_service", service=service)
    word = "running" if state["running"] else "stopped"
    frames = (
        "Is the service {service} running or stopped? Answer with one of these two words.",
        "Please check the state of {service}. Just say running or stopped.",
        "{service}: running or stopped?",
        "I cannot reach {service}. Tell me whether that service is running or stopped.",
        "What is the status of the service {service}, running or stopped?",
    )
    return Request(desk.say(frames, service=service), f"It is {word}.", (word,))


@recipe("control_service")
def package_of(desk: OperatingSystemDesk) -> Request:
    service = desk.pick([name for name, service in desk.world.services.items() if service.package != name] or list(desk.world.services))
    package = desk.call("control_service", service=service)["package"]
    frames = (
        "Which package does the service {service} come from?",
        "A service named {service} is on this machine. What package brought it?",
        "Please look at {service} and tell me the package that this service belongs to.",
        "package of the service {service}?",
        "I want to know what software is behind the service {service}.",
    )
    return Request(desk.say(frames, service=service), f"It belongs to {package}.", (package,))


@recipe("control_service")
def switch(desk: OperatingSystemDesk) -> Request:
    start = desk.chance() and bool(services(desk, False))
    service = desk.pick(services(desk, not start))
    desk.call("control_service", service=service, action="start" if start else "stop")
    if start:
        frames: tuple[str, ...] = (
            "Start the service {service}.",
            "{service} is down. Please get that service going.",
            "The service {service} should be running now.",
            "start {service}",
            "Could you bring up {service} for me? It is a service that does not run at the moment.",
        )
    else:
        frames = (
            "Stop the service {service}.",
            "Please shut the service {service} down for now.",
            "I want {service} to be quiet for a while: stop that service.",
            "stop {service}",
            "While I copy its data, the service {service} must not run.",
        )
    return Request(desk.say(frames, service=service))


@recipe("control_service")
def restart(desk: OperatingSystemDesk) -> Request:
    service = desk.pick(services(desk, True))
    desk.call("control_service", service=service, action="restart")
    frames = (
        "Restart the service {service}.",
        "I changed the settings of {service}, please restart it.",
        "{service} acts up. Give that service a restart.",
        "restart {service}",
        "Could you bounce the running service {service}, so that it comes up afresh?",
    )
    return Request(desk.say(frames, service=service))


@recipe("control_service")
def at_boot(desk: OperatingSystemDesk) -> Request:
    service = desk.pick(list(desk.world.services))
    enable = not desk.world.services[service].enabled
    desk.call("control_service", service=service, action="enable" if enable else "disable")
    if enable:
        frames: tuple[str, ...] = (
            "From the next boot on, the service {service} should come up by itself.",
            "Enable the service {service}.",
            "Please make {service} start whenever the machine boots.",
            "enable {service} at boot",
        )
    else:
        frames = (
            "The service {service} should no longer come up when the machine boots.",
            "Disable the service {service}.",
            "Please keep {service} from starting at boot; whether it runs now does not matter.",
            "disable {service} at boot",
        )
    return Request(desk.say(frames, service=service))


@recipe("install_package", "control_service")
def install_and_start(desk: OperatingSystemDesk) -> Request:
    name = absent_with_service(desk)
    action = desk.pick(("start", "enable"))
    service = desk.call("install_package", name=name)["service"]
    desk.call("control_service", service=service, action=action)
    frames = (
        "Install {name} and {action} the service that it brings.",
        "Please put {name} on the machine; once it is there, {action} its service.",
        "I need {name} here. Set the package up and {action} whatever service comes with it.",
        "install {name}, then {action} its service",
    )
    return Request(desk.say(frames, name=name, action=action))


@recipe("control_service", "remove_package")
def stop_and_remove(desk: OperatingSystemDesk) -> Request:
    service = desk.pick(services(desk, True))
    package = desk.call("control_service", service=service, action="stop")["package"]
    desk.call("remove_package", name=package)
    frames = (
        "Stop the service {service} and uninstall the package that it belongs to.",
        "{service} is obsolete. Shut this service down, then remove its package.",
        "Please take the service {service} off the machine: stop it first and uninstall whatever package brought it.",
        "stop {service}, then remove its package",
    )
    return Request(desk.say(frames, service=service))


@recipe("control_service", "control_service")
def off_for_good(desk: OperatingSystemDesk) -> Request:
    service = desk.pick([name for name in services(desk, True) if desk.world.services[name].enabled] or services(desk, True))
    enabled = desk.world.services[service].enabled
    desk.call("control_service", service=service, action="stop")
    desk.call("control_service", service=service, action="disable" if enabled else "enable")
    frames = (
        "Stop the service {service} now and then {action} it for the next boot.",
        "First stop {service}, and when it is down {action} that service.",
        "Please stop the service {service}; after that, {action} it.",
        "{service}: stop, then {action}",
    )
    return Request(desk.say(frames, service=service, action="disable" if enabled else "enable"))


@recipe("install_package", "control_service", "control_service")
def install_start_enable(desk: OperatingSystemDesk) -> Request:
    name = absent_with_service(desk)
    service = desk.call("install_package", name=name)["service"]
    desk.call("control_service", service=service, action="start")
    desk.call("control_service", service=service, action="enable")
    frames = (
        "Install {name}, start its service, and after that enable it for every boot.",
        "I want {name} on this machine. Its service should be started and then enabled as well.",
        "Please set up {name}; start the service that comes with it, then see to it that it is enabled.",
        "install {name}, start its service, then enable it",
    )
    return Request(desk.say(frames, name=name))


@recipe("control_service", "remove_package", "install_package")
def replace(desk: OperatingSystemDesk) -> Request:
    service, name = desk.pick(services(desk, True)), absent_with_service(desk)
    package = desk.call("control_service", service=service, action="stop")["package"]
    desk.call("remove_package", name=package)
    desk.call("install_package", name=name)
    frames = (
        "Stop the service {service}, remove the package it belongs to, and install {name} instead.",
        "We change from {service} to {name}: stop that service, uninstall its package, then set up {name}.",
        "Please shut down the service {service}, take its package off the machine, and after that install {name}.",
        "stop {service} -> remove its package -> install {name}",
    )
    return Request(desk.say(frames, service=service, name=name))


@recipe("control_service", "remove_package", "install_package", "control_service")
def replace_and_start(desk: OperatingSystemDesk) -> Request:
    service, name = desk.pick(services(desk, True)), absent_with_service(desk)
    package = desk.call("control_service", service=service, action="stop")["package"]
    desk.call("remove_package", name=package)
    new = desk.call("install_package", name=name)["service"]
    desk.call("control_service", service=new, action="start")
    frames = (
        "Stop the service {service}, remove its package, install {name} instead, and start the service that {name} brings.",
        "{name} is to take over from {service}: stop the old service, uninstall its package, set up {name}, start its service.",
        "Please stop {service}, uninstall the package behind it, then install {name} and get its service running.",
        "stop {service} -> remove its package -> install {name} -> start the new service",
    )
    return Request(desk.say(frames, service=service, name=name))
