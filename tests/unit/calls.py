"""Calls that dialects have to write and read, and ways to compare them."""

import string

from hypothesis import strategies as st

from raytool.records import ToolCall
from tests.unit.builders import tool

awkward_names = st.sampled_from(
    ["f", "maps.find", "a-b", "a_b", "a_b_2", "class", "None", "match", "a.class", "a..b", "_", "", "1st", "größe", "ﬁ", "名", "__debug__"]
)
# Not the character with which CharacterTokenizer ends a turn: of one character there are no parts to write it in.
names = (
    awkward_names
    | st.text(string.ascii_letters + "_.-", min_size=1, max_size=8)
    | st.text(st.characters(exclude_characters="\x03"), max_size=4)
)
parameters = st.sampled_from(["a", "b_2", "from", "q-1", "a b", "", "**", "self", "ß", "ﬁ"]) | st.text(max_size=5)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.text("'\"\\\n\r\t{}()\x00\x85\u2028\ud800é😀", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def tools_and_calls(draw):
    specs = draw(st.lists(st.builds(tool, names, parameters, parameters), min_size=1, max_size=4, unique_by=lambda spec: spec.name))
    called = st.sampled_from([spec.name for spec in specs])
    calls = draw(st.lists(st.builds(ToolCall, called, st.dictionaries(parameters, json_values, max_size=3)), min_size=1, max_size=3))
    return tuple(specs), calls


def typed(value):
    """A value in which 1, 1.0 and True differ, and -0.0 from 0.0."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    return [typed(item) for item in value] if isinstance(value, list) else repr(value)
