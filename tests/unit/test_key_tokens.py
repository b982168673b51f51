"""Key tokens: the vectors of METHODS.md 1.2 on lists of tokens, every dialect under the default model's tokenizer, and odd tokenizers."""

import asyncio
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.function_call import FunctionCall
from raytool import dialects, pretrained
from raytool.dialects import DIALECTS
from raytool.methods.key_tokens import KeyTokens, closing_offsets, key_offsets, key_weight, other_tokens
from raytool.records import Episode, FollowUp, ToolCall
from raytool.rollout.chat import Chat
from raytool.rollout.in_process import CharacterTokenizer, InProcess
from tests.unit.builders import WIDE, Script, task, tool
from tests.unit.calls import tools_and_calls

PAPERS = ["_get P aper Details", "_get P apers By Key words", "_finish"]
WEATHER = ["_get _ we ather", "_get _ news", "_get _ we ek", "_finish"]
DETAILS = "_get P aper Details ( paper Id _= _' IC LR 2 0 2 4 TO OL LE ARNING ')"
KEYWORDS = "_get P apers By Key words ( query _= _' tool _learning ', _ven ue _= _' IC LR ', _limit _= _ 1 )"
DAYS = "_get _ we ather ( city = ' P aris ', days = ' 3 ')"
PARIS = "_get _ we ather ( city = ' P aris ')"
PAPER = [  # offered, call, key offsets, |NK|, weight, sum of weighed losses
    (PAPERS, DETAILS, {0, 2}, 18, 9, 263),
    (PAPERS, KEYWORDS, {0, 2}, 23, 9, 383),
    (WEATHER, PARIS, {0, 2, 3}, 8, 2.666667, 91.333333),
    (WEATHER, "_finish ( answer = ' ok ')", {0}, 6, 6, 41),
    (WEATHER, DAYS, {0, 2, 3}, 13, 4.333333, 179.666667),
    (["_list", "_list _ all"], "_list ()", {0, 1}, 0, 1, 6),
]
CODE = [  # offered, call, key offsets, |NK|, weight, sum of weights, weighted mean
    (PAPERS, DETAILS, {0, 2}, 18, 9, 37, 7.108108),
    (PAPERS, KEYWORDS, {0, 2}, 21, 9, 42, 9.119048),
    (WEATHER, PARIS, {0, 2, 3}, 8, 2.666667, 17, 5.372549),
    (WEATHER, "_finish ( answer = ' ok ')", {0}, 6, 6, 13, 3.153846),
    (WEATHER, DAYS, {0, 2, 3}, 12, 4, 26, 6.807692),
    (["_list", "_list _ all"], "_list ()", {0, 1}, 1, 1, 3, 2),  # the original counts token 1 twice
]


def weighed(offered, call, rule):
    """Key offsets, |NK|, the key tokens' weight, and the weights of a call that stands alone, its end token included."""
    tokens, names = call.split(), [name.split() for name in offered]
    name = max((name for name in names if tokens[: len(name)] == name), key=len)
    keys = key_offsets(name, [other for other in names if other != name])
    closing = {len(name) + offset for offset in closing_offsets([token.replace("_", " ") for token in tokens[len(name) :]])}
    others = other_tokens(rule, range(len(tokens)), keys, closing)
    weight = key_weight(others, len(keys), cap=9.0)
    return keys, others, weight, [weight if i in keys else 1.0 for i in range(len(tokens) + 1)]


def loss_sum(weights):
    return sum(weight * loss for loss, weight in enumerate(weights, 1))


@pytest.mark.parametrize(("offered", "call", "keys", "others", "weight", "total"), PAPER)
def test_vectors_of_the_paper_s_rule(offered, call, keys, others, weight, total):
    found = weighed(offered, call, "paper")
    assert found[:3] == (keys, others, pytest.approx(weight))
    assert loss_sum(found[3]) == pytest.approx(total)


@pytest.mark.parametrize(("offered", "call", "keys", "others", "weight", "denominator", "mean"), CODE)
def test_vectors_of_the_code_s_rule(offered, call, keys, others, weight, denominator, mean):
    found = weighed(offered, call, "code")
    assert found[:3] == (keys, others, pytest.approx(weight))
    assert (sum(found[3]), loss_sum(found[3]) / sum(found[3])) == (pytest.approx(denominator), pytest.approx(mean))


@pytest.mark.parametrize(("offered", "call", "mean"), [(PAPERS, DETAILS, 263 / 37), (WEATHER, DAYS, 179.666667 / 27)])
def test_the_default_of_training_is_the_paper_s_rule_and_a_weighted_mean(offered, call, mean):
    weights = weighed(offered, call, "paper")[3]
    assert loss_sum(weights) / sum(weights) == pytest.approx(mean)
