"""Small seeded requests whose answers are computed: each has a program that finds the answer, and the answer found another way."""

from __future__ import annotations

import datetime
import itertools
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from envs.scenario.wording import number_answer
from raytool.env import FINISH
from raytool.records import Gold, GoldCall, Task


@dataclass(frozen=True)
class Problem:
    """A request with a program that prints its answer."""

    query: str
    code: str
    answer: str
    files: dict[str, str] = field(default_factory=dict)


def primes(random: np.random.Generator) -> Problem:
    low = int(random.integers(10, 2000))
    high = low + int(random.integers(100, 1500))
    total = sum(n for n in range(low, high + 1) if all(n % d for d in range(2, math.isqrt(n) + 1)))
    query = _one_of(
        random,
        f"Add up all prime numbers from {low} to {high}, both included.",
        f"What is the sum of the primes p with {low} <= p <= {high}?",
        f"I need the total of every prime between {low} and {high} (ends count).",
    )
    code = (
        f"sieve = [True] * {high + 1}\nfor n in range(2, {math.isqrt(high) + 1}):\n    if sieve[n]:\n"
        f"        sieve[n * n :: n] = [False] * len(sieve[n * n :: n])\nprint(sum(n for n in range({low}, {high + 1}) if sieve[n]))"
    )
    return Problem(query, code, str(total))


def factorial_digits(random: np.random.Generator) -> Problem:
    number = int(random.integers(30, 900))
    query = _one_of(
        random,
        f"What is the digit sum of {number}! (factorial)?",
        f"Write out {number} factorial and add its decimal digits. What do you get?",
        f"Give me the sum of the digits of {number}!.",
    )
    digits, product = 0, math.prod(range(1, number + 1))
    while product:
        product, digit = divmod(product, 10)
        digits += digit
    return Problem(query, f"import math\n\nprint(sum(map(int, str(math.factorial({number})))))", str(digits))


def fibonacci(random: np.random.Generator) -> Problem:
    index, modulus = int(random.integers(200, 5000)), int(random.integers(1000, 100_000))
    query = _one_of(
        random,
        f"With F(1) = F(2) = 1, what is the remainder of the Fibonacci number F({index}) divided by {modulus}?",
        f"Compute F({index}) mod {modulus} for the Fibonacci sequence 1, 1, 2, 3, ...",
        f"Fibonacci starts 1, 1, 2. What does its {index}th term leave when it is divided by {modulus}?",
    )
    first, second = 0, 1
    for bit in bin(index)[2:]:  # by doubling: F(2n), F(2n + 1) from F(n), F(n + 1)
        first, second = first * (2 * second - first), first * first + second * second
        if bit == "1":
            first, second = second, first + second
    code = f"a, b = 0, 1\nfor _ in range({index}):\n    a, b = b, (a + b) % {modulus}\nprint(a)"
    return Problem(query, code, str(first % modulus))


def collatz(random: np.random.Generator) -> Problem:
    start = int(random.integers(1000, 1_000_000))
    query = _one_of(
        random,
        f"Halve an even number, take 3n + 1 of an odd one: how many steps lead from {start} to 1?",
        f"How many Collatz steps does {start} take to reach 1?",
        f"Count the steps of the Collatz sequence from {start} down to 1.",
    )
    steps, number = 0, start
    while number != 1:
        number, steps = (number // 2, steps + 1) if number % 2 == 0 else ((3 * number + 1) // 2, steps + 2)
    code = f"n, steps = {start}, 0\nwhile n != 1:\n    n = n // 2 if n % 2 == 0 else 3 * n + 1\n    steps += 1\nprint(steps)"
    return Problem(query, code, str(steps))


def weekdays(random: np.random.Generator) -> Problem:
    first = datetime.date(2024, 1, 1) + datetime.timedelta(days=int(random.integers(0, 700)))
    last = first + datetime.timedelta(days=int(random.integers(40, 500)))
    number = int(random.integers(0, 7))
    day = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[number]
    query = _one_of(
        random,
        f"How many {day}s are there from {first} to {last}, both days included?",
        f"Our meeting is every {day}. How often does it take place from {first} through {last}?",
        f"Count the {day}s between {first} and {last}; the first and the last day count too.",
    )
    code = (
        f"from datetime import date, timedelta\n\nday, last, found = date({first:%Y, %-m, %-d}), date({last:%Y, %-m, %-d}), 0\n"
        f"while day <= last:\n    found += day.weekday() == {number}\n    day += timedelta(days=1)\nprint(found)"
    )
    to_next = (number - first.weekday()) % 7
    return Problem(query, code, str(((last - first).days - to_next) // 7 + 1))


_GOODS = ("apples", "bolts", "candles", "drums", "envelopes", "flasks")


def sales(random: np.random.Generator) -> Problem:
    rows = [
        (str(random.choice(_GOODS)), int(random.integers(1, 60)), int(random.integers(100, 2000))) for _ in range(random.integers(20, 60))
    ]
    item = rows[0][0]
    name = _dated(random, "csv", "sales", "orders", "ledger")
    text = "item,quantity,cents\n" + "".join(f"{good},{quantity},{cents}\n" for good, quantity, cents in rows)
    query = _one_of(
        random,
        f"{name} lists item, quantity and the price of one in cents. How many cents did we take for {item} in all?",
        f"What is the revenue in cents (quantity times price, summed) of {item} in {name}?",
        f"Look at {name}: quantity times cents, added up over the rows for {item}. What is the total?",
    )
    code = (
        f'import csv\n\nwith open("{name}") as file:\n    rows = [row for row in csv.DictReader(file) if row["item"] == "{item}"]\n'
        'print(sum(int(row["quantity"]) * int(row["cents"]) for row in rows))'
    )
    return Problem(query, code, str(sum(q * c for good, q, c in rows if good == item)), {name: text})


def median(random: np.random.Generator) -> Problem:
    values = [int(value) for value in random.integers(1000, 100_000, size=2 * int(random.integers(20, 60)) + 1)]
    name = _dated(random, "txt", "values", "readings", "samples")
    query = _one_of(
        random,
        f"Each line of {name} is a whole number. What is their median?",
        f"Sort the numbers in {name} and tell me the one in the middle.",
        f"What is the median of the readings in {name}, one per line?",
    )
    code = f'with open("{name}") as file:\n    values = sorted(map(int, file))\nprint(values[len(values) // 2])'
    return Problem(query, code, str(statistics.median(values)), {name: "".join(f"{value}\n" for value in values)})


_WORDS = ("amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "harbour", "inlet", "juniper")


def words(random: np.random.Generator) -> Problem:
    drawn = [str(word) for word in random.choice(_WORDS, size=int(random.integers(80, 300)))]
    name, word = _dated(random, "txt", "notes", "diary", "words"), drawn[0]
    lines = [" ".join(drawn[start : start + 9]) for start in range(0, len(drawn), 9)]
    query = _one_of(
        random,
        f"How many times does the word {word} occur in {name}?",
        f"Count the occurrences of '{word}' in {name} for me.",
        f"In {name}, how often do I write {word}?",
    )
    code = f'with open("{name}") as file:\n    print(file.read().split().count("{word}"))'
    return Problem(query, code, str(sum(other == word for other in drawn)), {name: "\n".join(lines) + "\n"})


PROBLEMS: tuple[Callable[[np.random.Generator], Problem], ...] = (
    primes,
    factorial_digits,
    fibonacci,
    collatz,
    weekdays,
    sales,
    median,
    words,
)


def task(random: np.random.Generator, name: str, split: str = "train", kind: int | None = None) -> Task:
    """A task of a random kind, or of one: run a program, tell the answer."""
    from envs.python_sandbox.env import PythonSandbox  # which draws its own tasks here

    make = PROBLEMS[int(random.integers(len(PROBLEMS))) if kind is None else kind]
    problem = make(random)
    program = GoldCall("run_python", {"code": problem.code}, free=("code",))
    looks = [GoldCall("read_file", {"path": path}) for path in sorted(problem.files)]
    end = GoldCall("finish", {"answer": f"The answer is {problem.answer}."}, free=("answer",))
    return Task(
        f"python-{make.__name__}-{name}",
        "envs.python_sandbox:PythonSandbox",
        problem.query,
        (*PythonSandbox.tool_specs(), FINISH),
        # To look at the folder first, or to try twice, is as right; the first way is the one that is demonstrated.
        (Gold((program, end)), *(Gold((before, program, end)) for before in (program, GoldCall("list_files"), *looks))),
        answer=number_answer(int(problem.answer)) if problem.answer.isdecimal() else (problem.answer,),
        seed=int(random.integers(2**31)),
        options={"files": problem.files},
        tags={"scenario": "python_sandbox", "split": split},
    )


def tasks(split: Literal["train", "test"], count: int = 200, seed: int = 0) -> list[Task]:
    """Tasks of all kinds in turn, no two with one query; every fifth of each kind is a test task.

    Raises:
        ValueError: an unknown split.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split: '{split}', 'train' or 'test' is expected")
    return list(itertools.islice((drawn for drawn in _sequence(seed) if drawn.tags["split"] == split), count))


def _sequence(seed: int) -> Iterator[Task]:
    seen: set[str] = set()
    for number in itertools.count():
        round_, kind = divmod(number, len(PROBLEMS))
        random = np.random.default_rng([seed, number])
        while (drawn := task(random, f"{seed}-{number}", "test" if round_ % 5 == 4 else "train", kind)).query in seen:
            continue
        seen.add(drawn.query)
        yield drawn


def _one_of(random: np.random.Generator, *texts: str) -> str:
    return texts[int(random.integers(len(texts)))]


def _dated(random: np.random.Generator, ending: str, *names: str) -> str:
    day = datetime.date(2020, 1, 1) + datetime.timedelta(days=int(random.integers(0, 2000)))
    return f"{_one_of(random, *names)}-{day}.{ending}"
