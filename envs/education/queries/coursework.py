"""Requests about assignments, what is handed in, and quizzes."""

from __future__ import annotations

from typing import Any

from envs.education.queries.desk import EducationDesk
from envs.education.world import Assignment, Quiz
from envs.scenario.clock import days_after
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import date_answer, number_answer

PENALTIES = {5: "5 percent", 10: "ten percent", 20: "20 percent", 25: "a quarter of the marks"}


def open_work(desk: EducationDesk, is_late: bool = False) -> tuple[Assignment, str]:
    """An assignment that is not due yet, or is overdue, and the id of a student who has not handed it in."""
    assignments = [item for item in desk.world.assignments.values() if (item.due < desk.world.today) == is_late]
    assignment = desk.pick(assignments)
    return assignment, desk.other(list(desk.world.students), *assignment.submissions)


def has_overdue(desk: EducationDesk) -> bool:
    return any(item.due < desk.world.today for item in desk.world.assignments.values())


def look_up(desk: EducationDesk, assignment: Assignment) -> dict[str, Any]:
    """What list_assignments shows of an assignment."""
    listed = desk.call("list_assignments", course=assignment.course)["assignments"]
    return next(entry for entry in listed if entry["title"] == assignment.title)


def attempt(desk: EducationDesk, is_careless: bool = False) -> tuple[str, Quiz, str, list[str]]:
    """A quiz with its id, the id of a student who has not taken it, and answers: some right, some wrong, or some misspelt."""
    quiz_id, quiz = desk.pick(list(desk.world.quizzes.items()))
    answers = [answer for _, answer in quiz.key]
    others = [answer for _, answer in desk.subject(quiz.course).facts]
    for index in desk.several(range(len(answers)), desk.number(1, 2)):
        right = answers[index]
        if is_careless and len(right) >= 6:
            slip = desk.number(2, len(right) - 2)
            answers[index] = right[:slip] + right[slip + 1 :]
        else:
            answers[index] = desk.other(others, *answers)
    return quiz_id, quiz, desk.other(list(desk.world.students), *quiz.results), answers


def quoted(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


# ---- one call


@recipe("create_assignment")
def create(desk: EducationDesk) -> Request:
    course, due = desk.course().code, desk.day()
    title = desk.work_title(course)
    desk.call("create_assignment", course=course, title=title, due=due)
    frames = (
        "Set the assignment '{title}' for {course}, due {due}.",
        "My class {course} should write '{title}' by {due}. Please put it up.",
        "new assignment {course}: '{title}', due {due}",
        "Could you add '{title}' to the assignments of {course}? The deadline is {due}.",
        "I would like everybody in {course} to do '{title}' until {due}.",
        "Homework for {course}, to be handed in by {due}: '{title}'. Enter it.",
    )
    return Request(desk.say(frames, course=desk.named(course), title=title, due=desk.dated(due)))


@recipe("create_assignment")
def create_with_points(desk: EducationDesk) -> Request:
    course, due, points = desk.course().code, desk.day(), desk.pick((10, 20, 25, 40, 50, 60))
    title = desk.work_title(course)
    details: dict[str, Any] = {}
    tail = ""
    if desk.chance():
        details["late_penalty"] = desk.pick(tuple(PENALTIES))
        tail = f"; each day late costs {PENALTIES[details['late_penalty']]}"
    desk.call("create_assignment", course=course, title=title, due=due, points=points, **details)
    frames = (
        "Set '{title}' for {course}: {points} points, due {due}{tail}.",
        "{course} gets a new assignment, '{title}', worth {points} points, deadline {due}{tail}.",
        "assignment '{title}' / {course} / {points} points / {due}{tail}",
        "Please create '{title}' in {course} with {points} points and the due date {due}{tail}.",
        "Could my students in {course} be given '{title}'? It is due {due}, for {points} points{tail}.",
    )
    return Request(desk.say(frames, course=desk.named(course), title=title, points=points, due=desk.dated(due), tail=tail))


@recipe("create_assignment", asks=True)
def create_when(desk: EducationDesk) -> Request:
    course, due = desk.course().code, desk.day()
    title = desk.work_title(course)
    desk.ask("When is the assignment due?")
    desk.call("create_assignment", course=course, title=title, due=due)
    frames = (
        "Set '{title}' as an assignment for {course}.",
        "I want {course} to do '{title}' as homework, please create it.",
        "new assignment for {course}: '{title}'",
        "Could you put up '{title}' for {course}? The usual 100 points.",
        "'{title}' is what {course} has to hand in next. Create the assignment.",
    )
    reply = desk.pick(("It is due {0}.", "By {0}.", "The deadline is {0}.", "{0}, please.")).format(desk.dated(due))
    return Request(desk.say(frames, course=desk.named(course), title=title), reply=reply)


@recipe("list_assignments")
def count_due(desk: EducationDesk) -> Request:
    item = desk.pick(list(desk.world.assignments.values()))
    count = desk.call("list_assignments", course=item.course, due_by=item.due)["count"]
    frames = (
        "How many assignments of {course} are due up to and including {due}?",
        "Count the assignments in {course} with a deadline of {due} or earlier.",
        "{course}: number of assignments due by {due}?",
        "I plan my workload. How many assignments does {course} have until {due}, that day included?",
        "Please tell me how many pieces of work {course} asks for by {due}.",
    )
    return Request(desk.say(frames, course=desk.named(item.course), due=desk.dated(item.due)), f"There are {count}.", number_answer(count))


@recipe("list_assignments")
def assignment_detail(desk: EducationDesk) -> Request:
    item = desk.pick(list(desk.world.assignments.values()))
    found = look_up(desk, item)
    said = {"course": desk.named(item.course), "title": item.title}
    if desk.chance():
        frames = (
            "When is '{title}' in {course} due?",
            "I forgot the deadline of '{title}'. It is an assignment in {course}.",
            "due date of '{title}' ({course})?",
            "Please look up by which date '{title}' has to be handed in; the course is {course}.",
        )
        return Request(desk.say(frames, **said), f"It is due {found['due']}.", date_answer(found["due"]))
    frames = (
        "Which id does the assignment '{title}' of {course} have?",
        "Please go through all assignments of {course} and give me the id of '{title}'.",
        "id of '{title}', {course}?",
        "To hand in '{title}' for {course} I need its assignment id. What is it?",
    )
    return Request(desk.say(frames, **said), f"The id is {found['id']}.", (found["id"],))


@recipe("list_assignments")
def count_missing(desk: EducationDesk) -> Request:
    item, student = open_work(desk)
    count = desk.call("list_assignments", course=item.course, missing_from=student)["count"]
    frames = (
        "How many assignments of {course} has {who} not handed in yet?",
        "{who} is behind in {course}. Count the assignments that are still missing.",
        "missing work of {who} in {course}: how many?",
        "Please check how many assignments {who} still has to submit in {course}.",
        "As the tutor of {who} I ask: how much of the work in {course} is not there yet, in assignments?",
    )
    said = {"course": desk.named(item.course), "who": desk.who(student)}
    return Request(desk.say(frames, **said), f"{count} are missing.", number_answer(count))


@recipe("submit_assignment")
def submit(desk: EducationDesk) -> Request:
    item, student = open_work(desk)
    text = desk.work(item.course, item.title)
    desk.call("submit_assignment", {"date": (desk.world.today,)}, assignment_id=item.id, student_id=student, text=text)
    frames = (
        "Hand in assignment {id} for {who}: '{text}'",
        "Please submit this for {who} as assignment {id}: '{text}'",
        "{id}, {who}, text '{text}' - submit",
        "I am handing in {id} for {who}. The text is '{text}'",
        "The work of {who} on {id} has come in and reads '{text}' Could you file it?",
        "Store '{text}' as what {who} submits for {id}.",
    )
    return Request(desk.say(frames, id=item.id, who=desk.who(student), text=text))


@recipe("submit_assignment")
def submit_as_of(desk: EducationDesk) -> Request:
    item, student = open_work(desk, has_overdue(desk) and desk.chance(0.7))
    text, came = desk.work(item.course, item.title), days_after(desk.world.today, -1)
    most = desk.call("submit_assignment", assignment_id=item.id, student_id=student, text=text, date=came)["most_points"]
    frames = (
        "{who} handed in {id} {when}: '{text}' Enter it with that date. How many points can it still get?",
        "Please record for {who} that '{text}' came in {when} for {id}, and tell me the most points possible.",
        "{id} from {who}, received {when}: '{text}'; maximum points now?",
        "A paper of {who} for {id} came in {when}: '{text}' Submit it under that day. What is it worth at most?",
        "Late or not, file '{text}' for {who}, {id}, {when}. What is the highest mark left?",
        "The work '{text}' by {who} for {id} arrived {when}. Book it for that day and name the best score it can reach.",
    )
    said = {"who": desk.who(student), "id": item.id, "text": text, "when": desk.when(came)}
    return Request(desk.say(frames, **said), f"It can get {most} points.", number_answer(most))


@recipe("grade_quiz")
def check_quiz(desk: EducationDesk) -> Request:
    quiz_id, _, student, answers = attempt(desk)
    right = desk.call("grade_quiz", quiz_id=quiz_id, student_id=student, answers=answers)["right"]
    frames = (
        "Grade quiz {id} for {who}. The answers in order: {answers}. How many are right?",
        "{who} answered {answers} in quiz {id}. Please check and record it, and tell me how many are correct.",
        "{id} / {who}: {answers}. right answers?",
        "These are the answers of {who} to {id}: {answers}. Mark them and give me the number that is right.",
        "Could you correct quiz {id} of {who}? In order: {answers}. I want to know how many hit.",
        "I have the sheet of {who} for {id} here, it says {answers}. Enter the result. How many points did they make?",
    )
    return Request(
        desk.say(frames, id=quiz_id, who=desk.who(student), answers=quoted(answers)), f"{right} are right.", number_answer(right)
    )


@recipe("grade_quiz")
def check_quiz_kindly(desk: EducationDesk) -> Request:
    quiz_id, _, student, answers = attempt(desk, is_careless=True)
    percent = desk.call("grade_quiz", quiz_id=quiz_id, student_id=student, answers=answers, spelling="lenient")["percent"]
    frames = (
        "Grade {id} for {who}, forgiving small spelling slips: {answers}. What percentage is it?",
        "{who} cannot spell, so be lenient with quiz {id}: {answers}. How many percent?",
        "{id}, {who}, lenient spelling: {answers}; percent?",
        "Please check {answers} as the answers of {who} to {id}. Typos do not matter. Tell me the percent reached.",
        "Misspelt words count as right in {id}. {who} wrote {answers}. Record it and name the percentage.",
    )
    said = {"id": quiz_id, "who": desk.who(student), "answers": quoted(answers)}
    return Request(desk.say(frames, **said), f"It is {percent} percent.", number_answer(percent))


@recipe("grade_quiz")
def check_quiz_strictly(desk: EducationDesk) -> Request:
    quiz_id, _, student, answers = attempt(desk)
    costs = desk.pick((0.25, 0.5, 1))
    desk.call("grade_quiz", quiz_id=quiz_id, student_id=student, answers=answers, wrong_costs=costs)
    words = {0.25: "a quarter of a point", 0.5: "half a point", 1: "a full point"}[costs]
    frames = (
        "Grade quiz {id} for {who} with {costs} off for every wrong answer: {answers}.",
        "Please record {who} in {id}: {answers}. Each mistake costs {costs}.",
        "{id} / {who} / minus {costs} per wrong answer: {answers}",
        "Guessing is punished in {id}, {costs} each time. {who} answered {answers}; enter that.",
        "Could you mark {answers} for {who} in {id} and take {costs} off per error?",
    )
    return Request(desk.say(frames, id=quiz_id, who=desk.who(student), answers=quoted(answers), costs=words))


# ---- several calls


@recipe("list_assignments", "submit_assignment")
def find_and_submit(desk: EducationDesk) -> Request:
    item, student = open_work(desk)
    text = desk.work(item.course, item.title)
    found = look_up(desk, item)
    desk.call("submit_assignment", {"date": (desk.world.today,)}, assignment_id=found["id"], student_id=student, text=text)
    frames = (
        "Hand in '{title}' of {course} for {who}: '{text}' You have to look up the assignment id.",
        "{who} submits '{text}' for '{title}' in {course}. Find the assignment in the list of all first.",
        "Please look through the assignments of {course} for '{title}' and submit '{text}' for {who}.",
        "{course}, '{title}', {who}: submit '{text}' (id to be looked up)",
        "I do not know the id of '{title}' in {course}, but {who} has finished it: '{text}' Please file it.",
    )
    return Request(desk.say(frames, title=item.title, course=item.course, who=desk.who(student), text=text))


@recipe("create_assignment", "submit_assignment")
def create_and_submit(desk: EducationDesk) -> Request:
    course, due, student = desk.course().code, desk.day(), desk.student().id
    title = desk.work_title(course)
    text = desk.work(course, title)
    created = desk.call("create_assignment", course=course, title=title, due=due)
    today = {"date": (desk.world.today,)}
    desk.call("submit_assignment", today, assignment_id=created["id"], student_id=student, text=text)
    frames = (
        "Set '{title}' for {course}, due {due}, and hand in '{text}' for {who} right away.",
        "Create the assignment '{title}' in {course} for {due}; {who} has it ready, so submit '{text}' to it.",
        "{course}: new assignment '{title}' by {due}, then submission of {who}: '{text}'",
        "Please put up '{title}' for {course} with the deadline {due}. {who} is quick, file '{text}' for it.",
    )
    return Request(desk.say(frames, title=title, course=course, due=desk.dated(due), who=desk.who(student), text=text))


@recipe("create_assignment", "list_assignments")
def create_and_count(desk: EducationDesk) -> Request:
    course, due = desk.course().code, desk.day()
    title = desk.work_title(course)
    desk.call("create_assignment", course=course, title=title, due=due)
    count = desk.call("list_assignments", course=course, due_by=due)["count"]
    frames = (
        "Set '{title}' for {course}, due {due}. How many assignments are then due by that day, this one included?",
        "Please add '{title}' to {course} for {due}, then count the assignments of the course with a deadline up to that date.",
        "{course}: create '{title}', due {due}; after that, number of assignments due until then?",
        "Put up '{title}' in {course} by {due} and check how many assignments the class has to do up to that day, the new one too.",
    )
    said = {"title": title, "course": course, "due": desk.dated(due)}
    return Request(desk.say(frames, **said), f"There are {count}.", number_answer(count))
