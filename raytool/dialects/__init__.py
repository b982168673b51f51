"""How a model writes a call: one file each. A dialect is pure text work and knows nothing of tokens.

`parse(render(calls, tools), tools).calls` gives the calls back, for all calls that the tools allow.
"""

from raytool.dialects.base import Dialect, FormatError, Parsed, ParsedCall
from raytool.dialects.python import PythonDialect

DIALECTS: dict[str, type[Dialect]] = {"python": PythonDialect}

__all__ = ["DIALECTS", "Dialect", "FormatError", "Parsed", "ParsedCall", "PythonDialect"]
