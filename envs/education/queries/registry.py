"""Requests about students, courses, places in them and tuition."""

from __future__ import annotations

from envs.education import vocabulary as words
from envs.education.queries.desk import EducationDesk
from envs.education.world import Course, Student
from envs.scenario.desk import Request, recipe
from envs.scenario.wording import number_answer

SHARES = {10: "ten percent", 20: "20 percent", 25: "a quarter", 50: "half", 75: "75 percent", 100: "all"}


def places(desk: EducationDesk, kinds: tuple[str, ...] = ("credit", "audit")) -> list[tuple[Student, Course]]:
    """Who is in which course."""
    found = []
    for code, enrolled in desk.world.enrolments.items():
        found += [(desk.world.students[student], desk.world.courses[code]) for student, place in enrolled.items() if place in kinds]
    return found


def free(desk: EducationDesk, course: Course) -> int:
    return course.places - desk.world.places_taken(course.code)


def newcomer(desk: EducationDesk, is_full: bool = False) -> tuple[Student, Course]:
    """A student and a course with free places, or without any, that the student is not in."""
    pairs = [
        (student, course)
        for course in desk.world.courses.values()
        for student in desk.world.students.values()
        if (free(desk, course) == 0) == is_full and student.id not in desk.world.enrolments[course.code]
    ]
    return desk.pick(pairs)


def change(desk: EducationDesk) -> tuple[Student, Course, Course]:
    """A student, a course that the student takes and has not paid, and another with free places."""
    return desk.pick(
        [
            (student, old, new)
            for student, old in places(desk, ("credit",))
            for new in desk.world.courses.values()
            if free(desk, new) and student.id not in desk.world.enrolments[new.code] and desk.world.owed[student.id] >= old.tuition
        ]
    )


def debtor(desk: EducationDesk) -> Student:
    return desk.pick([student for student in desk.world.students.values() if desk.world.owed[student.id] >= 100])


def grant(desk: EducationDesk, student: Student) -> tuple[str, int]:
    """The name of a scholarship and an amount of money that the student owes."""
    return desk.pick(words.SCHOLARSHIPS), 25 * desk.number(2, min(40, int(desk.world.owed[student.id]) // 25))


# ---- one call


@recipe("find_student")
def tuition_owed(desk: EducationDesk) -> Request:
    name = debtor(desk).name
    owes = desk.call("find_student", name=name)["owes"]
    frames = (
        "How much tuition does {name} still owe?",
        "What is the open balance of {name}?",
        "{name} asked at the counter what is left to pay. Please look it up.",
        "tuition still owed by {name}?",
        "Before I call {name} I need to know the amount that is outstanding.",
    )
    return Request(desk.say(frames, name=name), f"{name} owes {owes}.", number_answer(owes))


@recipe("find_student")
def student_email(desk: EducationDesk) -> Request:
    name = desk.student().name
    email = desk.call("find_student", name=name)["email"]
    frames = (
        "What is the email address of the student {name}?",
        "I want to write to {name}, one of our students. Which address do I use?",
        "Please look up the college email of {name}.",
        "email of {name} pls",
        "Could you give me the address at which {name} reads mail?",
    )
    return Request(desk.say(frames, name=name), f"It is {email}.", (email,))


@recipe("find_student")
def student_number(desk: EducationDesk) -> Request:
    name = desk.student().name
    found = desk.call("find_student", name=name)["id"]
    frames = (
        "Which student id does {name} have?",
        "The form wants the student id of {name}. What do I fill in?",
        "{name}: id?",
        "Please tell me the id under which {name} is registered.",
        "I have forgotten the student id of {name}, could you check?",
    )
    return Request(desk.say(frames, name=name), f"The id is {found}.", (found,))


@recipe("find_student")
def namesake(desk: EducationDesk) -> Request:
    first, second, *_ = desk.world.students.values()
    student = desk.pick((first, second))
    last = student.name.split()[-1]
    found = desk.call("find_student", {"name": (student.name,)}, name=last, year=student.year)
    frames = (
        "There are two students called {last}. Which id has the one in year {year}?",
        "I mean the {last} in year {year}, not the other one. What is the student id?",
        "{last}, year {year}: student id?",
        "Two of our students share the name {last}; please find the id of the one from year {year}.",
        "Look for {last} among the students of year {year} and give me the id.",
    )
    return Request(desk.say(frames, last=last, year=student.year), f"The id is {found['id']}.", (found["id"],))


@recipe("find_course")
def course_teacher(desk: EducationDesk) -> Request:
    course = desk.course()
    text = desk.pick((course.code, course.title))
    teacher = desk.call("find_course", text=text)["courses"][0]["teacher"]
    frames = (
        "Who teaches {text}?",
        "I am thinking of taking {text}. Whose course is it?",
        "name of the teacher of {text}?",
        "Please find out who is in charge of the course {text}.",
        "My application for {text} has to be addressed to its teacher. Who is that?",
    )
    return Request(desk.say(frames, text=text), f"{teacher} teaches it.", (teacher,))


@recipe("find_course")
def course_credits(desk: EducationDesk) -> Request:
    course = desk.course()
    text = desk.pick((course.code, course.title))
    found = desk.call("find_course", text=text)["courses"][0]
    if desk.chance() and found["free"]:
        frames = (
            "How many places are free in {text}?",
            "Could more people still get into {text}? Tell me how many places are left.",
            "free places in {text}?",
            "I would like to bring friends along to {text}. How many seats are open?",
        )
        return Request(desk.say(frames, text=text), f"There are {found['free']} free places.", number_answer(found["free"]))
    frames = (
        "How many credits is {text} worth?",
        "What do I get for {text}, in credits?",
        "credits of {text}?",
        "Please check the credit value of the course {text} for my study plan.",
    )
    return Request(desk.say(frames, text=text), f"It is worth {found['credits']} credits.", number_answer(found["credits"]))


@recipe("find_course")
def course_of_teacher(desk: EducationDesk) -> Request:
    course = desk.course()
    code = desk.call("find_course", text=course.teacher)["courses"][0]["code"]
    frames = (
        "Which course does {teacher} teach? I need its code.",
        "{teacher} told me to sign up, but for which course code?",
        "Please search the courses for {teacher} and give me the code.",
        "code of the course by {teacher}?",
        "I only remember that the teacher is {teacher}. What is the code of that course?",
    )
    return Request(desk.say(frames, teacher=course.teacher), f"The code is {code}.", (code,))


@recipe("find_course")
def open_courses(desk: EducationDesk) -> Request:
    is_open = [course for course in desk.world.courses.values() if free(desk, course)]
    level = "advanced" if desk.pick(is_open).is_advanced else "introductory"
    count = desk.call("find_course", level=level, open_only=True)["count"]
    frames = (
        "How many {level} courses still have free places?",
        "Count the {level} courses that one can still get into.",
        "I am looking for {level} courses that are not full. How many are there?",
        "number of {level} courses with open places?",
        "Please search all courses on {level} level and tell me how many are not booked out.",
    )
    return Request(desk.say(frames, level=level), f"There are {count}.", number_answer(count))


@recipe("enrol_student")
def enrol(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    desk.call("enrol_student", student_id=student.id, course=course.code)
    frames = (
        "Please enrol {who} in {course}.",
        "{who} takes {course} from now on, for credit.",
        "sign up {who} for {course}",
        "Could you give {who} a place in {course}?",
        "Put {who} on the list of {course}, tuition to be charged as usual.",
        "The adviser has approved it: {who} may join {course}. Register that.",
    )
    return Request(desk.say(frames, who=desk.who(student.id), course=desk.named(course.code)))


@recipe("enrol_student")
def enrol_and_price(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    owes = desk.call("enrol_student", student_id=student.id, course=course.code)["owes"]
    frames = (
        "Register {who} for {course} and tell me what the balance is afterwards.",
        "{who} joins {course}. How much tuition is owed in all then?",
        "enrol {who} in {course}; new total owed?",
        "Please add {who} to {course}. I have to name the sum that is then due.",
    )
    said = {"who": desk.who(student.id), "course": desk.named(course.code)}
    return Request(desk.say(frames, **said), f"The student owes {owes} now.", number_answer(owes))


@recipe("enrol_student")
def audit(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    desk.call("enrol_student", student_id=student.id, course=course.code, audit=True)
    frames = (
        "Enrol {who} in {course}, but only as an auditor.",
        "{who} wants to sit in on {course} without credit or tuition. Please register that.",
        "{who}: audit {course}",
        "Could {who} be entered in {course} as a listener, no credits?",
        "Let {who} audit {course} this term.",
    )
    return Request(desk.say(frames, who=desk.who(student.id), course=desk.named(course.code)))


@recipe("enrol_student")
def queue(desk: EducationDesk) -> Request:
    student, course = newcomer(desk, is_full=True)
    desk.call("enrol_student", student_id=student.id, course=course.code, waitlist=True)
    frames = (
        "{course} is full, so put {who} on its waiting list.",
        "Please enrol {who} in {course}. All places are gone, queueing is fine.",
        "waitlist {who} for {course}",
        "{who} would like {course} and is ready to wait for a place there.",
        "No place is left in {course}: could {who} join the queue?",
    )
    return Request(desk.say(frames, who=desk.who(student.id), course=desk.named(course.code)))


@recipe("withdraw_student")
def withdraw(desk: EducationDesk) -> Request:
    student, course = desk.pick(places(desk))
    desk.call("withdraw_student", student_id=student.id, course=course.code)
    frames = (
        "Take {who} out of {course}.",
        "{who} drops {course}, please process it with the usual full refund.",
        "withdraw {who} from {course}",
        "I am sorry to lose {who}, but the place in {course} is to be given up.",
        "Could you cancel the enrolment of {who} in {course}?",
        "{who} no longer attends {course}. Remove the enrolment and give the tuition back.",
    )
    return Request(desk.say(frames, who=desk.who(student.id), course=desk.named(course.code)))


@recipe("withdraw_student")
def withdraw_with_refund(desk: EducationDesk) -> Request:
    student, course = desk.pick(places(desk, ("credit",)))
    refund = desk.pick(("half", "none"))
    desk.call("withdraw_student", student_id=student.id, course=course.code, refund=refund)
    tail = {"half": ("half of the tuition is refunded", "they get 50 percent back"), "none": ("no refund", "nothing is paid back")}[refund]
    frames = (
        "Withdraw {who} from {course}; {tail}.",
        "{who} leaves {course} after the deadline, so {tail}. Please enter that.",
        "drop {course} for {who}, {tail}",
        "Could you take {who} off {course}? This late, {tail}.",
        "The deadline has passed: {tail}. Still, {who} has to come out of {course}.",
    )
    return Request(desk.say(frames, who=desk.who(student.id), course=desk.named(course.code), tail=desk.pick(tail)))


@recipe("award_scholarship")
def award(desk: EducationDesk) -> Request:
    student = debtor(desk)
    name, amount = grant(desk, student)
    desk.call("award_scholarship", student_id=student.id, name=name, amount=amount)
    frames = (
        "Award {who} the {name} of {amount}.",
        "{who} has won the {name}, which is worth {amount}. Please book it against the tuition.",
        "{name}: {amount} to {who}",
        "The committee gives the {name}, {amount} this year, to {who}. Enter it, please.",
        "Could you credit {who} with {amount} from the {name}?",
        "We decided that {who} gets {amount} as this term's {name}.",
    )
    return Request(desk.say(frames, who=desk.who(student.id), name=name, amount=amount))


@recipe("award_scholarship")
def award_share(desk: EducationDesk) -> Request:
    student, name, percent = debtor(desk), desk.pick(words.SCHOLARSHIPS), desk.pick(tuple(SHARES))
    owes = desk.call("award_scholarship", student_id=student.id, name=name, amount=percent, kind="percent")["owes"]
    frames = (
        "The {name} pays {share} of what {who} owes. Award it and tell me what remains.",
        "Please grant {who} the {name}, covering {share} of the open tuition. What is left to pay?",
        "{name} for {who}: {share} of the tuition owed; rest?",
        "{who} receives the {name}. It takes over {share} of the outstanding fees; how much is still due then?",
        "With the {name}, {who} is spared {share} of the debt. Book that and name the new balance.",
        "Could you enter the {name} for {who}, {share} of the balance, and say what is owed afterwards?",
    )
    said = {"who": desk.who(student.id), "name": name, "share": SHARES[percent]}
    return Request(desk.say(frames, **said), f"{student.name} still owes {owes}.", number_answer(owes))


@recipe("enrol_student", asks=True)
def enrol_where(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    desk.ask("Which course should the student be enrolled in?")
    desk.call("enrol_student", student_id=student.id, course=course.code)
    frames = (
        "Please enrol {who} in a course.",
        "{who} wants to take one more course, for credit. Register it.",
        "sign {who} up for that course",
        "I need a place for {who} in one of our courses, could you enter it?",
        "Add {who} to the course we talked about.",
    )
    reply = desk.pick(("{0}, please.", "The course is {0}.", "I mean {0}.", "It is about {0}.")).format(desk.named(course.code))
    return Request(desk.say(frames, who=desk.who(student.id)), reply=reply)


@recipe("find_student", asks=True)
def owed_by_whom(desk: EducationDesk) -> Request:
    name = debtor(desk).name
    desk.ask("Which student do you mean?")
    owes = desk.call("find_student", name=name)["owes"]
    frames = (
        "A student is at my desk and asks about the tuition balance. What is owed?",
        "How much does the student I just spoke to still have to pay?",
        "tuition owed by my student?",
        "Please look up how much tuition one of my students owes.",
        "I have to tell a student what is left to pay. How much is it?",
    )
    reply = desk.pick(("{0}.", "The name is {0}.", "I mean {0}.", "It is {0}.")).format(name)
    return Request(desk.say(frames), f"{name} owes {owes}.", number_answer(owes), reply=reply)


# ---- several calls


@recipe("find_student", "enrol_student")
def look_up_and_enrol(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    found = desk.call("find_student", name=student.name)
    desk.call("enrol_student", student_id=found["id"], course=course.code)
    frames = (
        "Look up {name} and enrol them in {course}.",
        "{name} would like to take {course}. I do not have the student id, so find it first.",
        "Please get {name} a place in {course}; you will have to look up the id.",
        "find {name}, then sign them up for {course}",
        "Could you register {name} for {course}? The id is in the student records.",
    )
    return Request(desk.say(frames, name=student.name, course=desk.named(course.code)))


@recipe("find_student", "withdraw_student")
def look_up_and_withdraw(desk: EducationDesk) -> Request:
    student, course = desk.pick(places(desk, ("credit",)))
    refund = desk.pick(("half", "none"))
    found = desk.call("find_student", name=student.name)
    desk.call("withdraw_student", student_id=found["id"], course=course.code, refund=refund)
    tail = {"half": "half the tuition back", "none": "no money back"}[refund]
    frames = (
        "{name} has to leave {course}, with {tail}. Find the student id and do it.",
        "Look up {name} and withdraw them from {course}, {tail}.",
        "Please take {name} out of {course} ({tail}); the id is in the records.",
        "{name}: drop {course}, {tail}, id to be looked up",
        "Without knowing the id: could you end the enrolment of {name} in {course}, {tail}?",
    )
    return Request(desk.say(frames, name=student.name, course=desk.named(course.code), tail=tail))


@recipe("find_student", "award_scholarship")
def look_up_and_award(desk: EducationDesk) -> Request:
    student = debtor(desk)
    name, amount = grant(desk, student)
    found = desk.call("find_student", name=student.name)
    desk.call("award_scholarship", student_id=found["id"], name=name, amount=amount)
    frames = (
        "Find {student} in the records and award the {name} of {amount}.",
        "{student} wins the {name}, {amount}. Look the id up and book it.",
        "Please credit {amount} from the {name} to {student}, whose id I do not know.",
        "{name} ({amount}) -> {student}, id from the student records",
        "Could you look for {student} and then enter the {name} over {amount}?",
    )
    return Request(desk.say(frames, student=student.name, name=name, amount=amount))


@recipe("find_course", "enrol_student")
def find_and_enrol(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    text, hint = desk.pick(((course.title, f"'{course.title}'"), (course.teacher, f"the course by {course.teacher}")))
    found = desk.call("find_course", text=text)
    desk.call("enrol_student", student_id=student.id, course=found["courses"][0]["code"])
    frames = (
        "Enrol {who} in {hint}. Look up the code first.",
        "{who} wants to take {hint}, I do not know its code. Please find it and register them.",
        "Find {hint} and give {who} a place in it.",
        "enrol {who}: {hint} (code to be looked up)",
        "Which code has {hint}? Once you have it, sign {who} up for credit.",
    )
    return Request(desk.say(frames, who=desk.who(student.id), hint=hint))


@recipe("withdraw_student", "enrol_student")
def swap_courses(desk: EducationDesk) -> Request:
    student, old, new = change(desk)
    desk.call("withdraw_student", student_id=student.id, course=old.code)
    owes = desk.call("enrol_student", student_id=student.id, course=new.code)["owes"]
    frames = (
        "{who} changes from {old} to {new}. Withdraw first, with a full refund, then enrol. What is owed after that?",
        "Please take {who} out of {old}, next sign them up for {new}, and tell me the new balance.",
        "{who}: drop {old}, then add {new}; how much do they owe at the end?",
        "First end the enrolment of {who} in {old} and afterwards start one in {new}. What do they have to pay in all?",
    )
    said = {"who": desk.who(student.id), "old": old.code, "new": new.code}
    return Request(desk.say(frames, **said), f"The student owes {owes}.", number_answer(owes))


@recipe("find_student", "find_course", "enrol_student")
def look_both_up_and_enrol(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    listening = desk.chance(0.4)
    found = desk.call("find_student", name=student.name)
    code = desk.call("find_course", text=course.title)["courses"][0]["code"]
    desk.call("enrol_student", student_id=found["id"], course=code, audit=listening)
    frames = (
        "Sign up {name} for '{title}'{tail}. Look up the student id and the course code.",
        "{name} wants a place in '{title}'{tail}. You will need the id and the code, so find both.",
        "Please find {name} and the course '{title}', then put the one into the other{tail}.",
        "enrol {name} in '{title}'{tail}; id and code must be looked up",
        "I know neither the id of {name} nor the code of '{title}', but the enrolment{tail} has to be entered today.",
    )
    return Request(desk.say(frames, name=student.name, title=course.title, tail=" as an auditor" if listening else ""), lookups=2)


@recipe("find_student", "withdraw_student", "enrol_student")
def look_up_and_swap(desk: EducationDesk) -> Request:
    student, old, new = change(desk)
    found = desk.call("find_student", name=student.name)
    desk.call("withdraw_student", student_id=found["id"], course=old.code)
    desk.call("enrol_student", student_id=found["id"], course=new.code)
    frames = (
        "Find {name}, withdraw them from {old} and after that enrol them in {new}.",
        "{name} is in the wrong course: look up the id, take them out of {old}, then into {new}.",
        "Please move {name} (id unknown) by ending {old} first and starting {new} next.",
        "{name}: look up, drop {old}, then join {new}",
        "Could you search for {name}, cancel {old} with a full refund and then register {new}?",
    )
    return Request(desk.say(frames, name=student.name, old=old.code, new=new.code))


@recipe("find_student", "find_course", "enrol_student", "award_scholarship")
def enrol_and_support(desk: EducationDesk) -> Request:
    student, course = newcomer(desk)
    name, percent = desk.pick(words.SCHOLARSHIPS), desk.pick(tuple(SHARES))
    found = desk.call("find_student", name=student.name)
    code = desk.call("find_course", text=course.title)["courses"][0]["code"]
    desk.call("enrol_student", student_id=found["id"], course=code)
    desk.call("award_scholarship", student_id=found["id"], name=name, amount=percent, kind="percent")
    frames = (
        "Look up {student} and the code of '{title}', enrol them, then award the {name}: {share} of what they owe by then.",
        "{student} takes '{title}' (find id and code). After the enrolment the {name} pays {share} of the balance.",
        "Please find {student} and '{title}', sign them up, and only then grant the {name} over {share} of the tuition owed.",
        "enrol {student} in '{title}', id and code to be looked up; afterwards {name}, {share} of the balance",
    )
    return Request(desk.say(frames, student=student.name, title=course.title, name=name, share=SHARES[percent]), lookups=2)
