"""Chat templates of the kinds that models bring, and a tokenizer of bytes that wears them."""

from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteFallback, Fuse, Sequence
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from transformers import PreTrainedTokenizerFast

# As Qwen2.5: tools in the system message, calls between tags, what tools return in a turn of the user's.
QWEN = """
{%- if tools -%}
    {{ '<|im_start|>system\n' + (messages[0].content + '\n\n' if messages[0].role == 'system' else '') }}
    {{- '# Tools\n<tools>' }}
    {%- for tool in tools %}{{ '\n' + tool | tojson }}{% endfor %}
    {{- '\n</tools>\nCall as <tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call><|im_end|>\n' }}
{%- elif messages[0].role == 'system' -%}
    {{ '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
{%- endif -%}
{%- for message in messages -%}
    {%- if message.role == 'user' -%}
        {{ '<|im_start|>user\n' + message.content + '<|im_end|>\n' }}
    {%- elif message.role == 'assistant' -%}
        {{ '<|im_start|>assistant' + ('\n' + message.content if message.content or not message.tool_calls else '') }}
        {%- for call in message.tool_calls or [] %}
            {{- '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
            {{- call.function.arguments | tojson + '}\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\n' }}
    {%- elif message.role == 'tool' -%}
        {{ '<|im_start|>user' if messages[loop.index0 - 1].role != 'tool' else '' }}
        {{- '\n<tool_response>\n' + message.content + '\n</tool_response>' }}
        {{- '<|im_end|>\n' if loop.last or messages[loop.index0 + 1].role != 'tool' else '' }}
    {%- endif -%}
{%- endfor -%}
{{ '<|im_start|>assistant\n' if add_generation_prompt else '' }}
"""

# As Llama 3.1: tools in the first turn of the user's, one call a turn, contents trimmed.
LLAMA = """
{{- bos_token -}}
{%- set first = messages[1] if messages[0].role == 'system' else messages[0] -%}
{%- set system = messages[0].content | trim if messages[0].role == 'system' else '' -%}
{{ '<|start_header_id|>system<|end_header_id|>\n\n' + ('Environment: ipython\n' if tools else '') + system + '<|eot_id|>' }}
{%- for message in (messages[1:] if messages[0].role == 'system' else messages) -%}
    {%- if tools and loop.first -%}
        {%- if message.role != 'user' -%}{{ raise_exception('tools need a first turn of the user') }}{%- endif -%}
        {{ '<|start_header_id|>user<|end_header_id|>\n\nFunctions; call as {"name": function name, "parameters": dictionary}.\n\n' }}
        {%- for tool in tools %}{{ tool | tojson(indent=4) + '\n\n' }}{% endfor %}
        {{- message.content | trim + '<|eot_id|>' }}
    {%- elif message.tool_calls -%}
        {%- if message.tool_calls | length > 1 -%}{{ raise_exception('single tool-calls only') }}{%- endif -%}
        {%- set call = message.tool_calls[0].function -%}
        {{ '<|start_header_id|>assistant<|end_header_id|>\n\n{"name": "' + call.name + '", "parameters": ' + call.arguments | tojson + '}<|eot_id|>' }}
    {%- else -%}
        {%- set role = 'ipython' if message.role == 'tool' else message.role -%}
        {{ '<|start_header_id|>' + role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
    {%- endif -%}
{%- endfor -%}
{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' if add_generation_prompt else '' }}
"""  # noqa: E501

# As GLM-4, and as one that prompts for ReAct; what both have in common.
_TURNS = """
{{- '<|system|>\n# Tools' if tools else '' -}}
{%%- for tool in tools or [] %%}{{ '\n' + tool.function | tojson }}{%% endfor %%}
{%%- for message in messages %%}
    {{- '<|' + message.role + '|>\n' }}
    {%%- for call in message.tool_calls or [] %%}{%% set call = call.function %%}%s{%% endfor %%}
    {{- message.content + (eos_token if message.role == 'assistant' else '') }}
{%%- endfor %%}
{{- '<|assistant|>\n' if add_generation_prompt else '' }}
"""
GLM = _TURNS % r"{{- call.name + '\n' + call.arguments | tojson -}}"
REACT = _TURNS % r"{{- 'Thought: I look.\nAction: ' + call.name + '\nAction Input: ' + call.arguments | tojson -}}"
MISTRAL = _TURNS % r"""{{- '[TOOL_CALLS] [{"name": "' + call.name + '", "arguments": ' + call.arguments | tojson + '}]' -}}"""
PLAIN = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}{{ '<|im_start|>assistant\n' if add_generation_prompt else '' }}"  # noqa: E501

ENDS = {QWEN: "<|im_end|>", PLAIN: "<|im_end|>", LLAMA: "<|eot_id|>"}


def tokenizer(template, *controls):
    """A token for each byte, and one for each control string. `controls` are further ones."""
    core = Tokenizer(BPE({character: number for number, character in enumerate(sorted(ByteLevel.alphabet()))}, []))
    core.pre_tokenizer, core.decoder = ByteLevel(add_prefix_space=False), ByteLevelDecoder()
    return _wearing(core, template, *controls)


def falling_back(template):
    """A token for each character of ASCII, and one for each byte of any other, as in Llama 2 and Gemma."""
    written = [*map(chr, range(128)), *(f"<0x{byte:02X}>" for byte in range(256))]
    core = Tokenizer(BPE({text: number for number, text in enumerate(written)}, [], byte_fallback=True))
    core.decoder = Sequence([ByteFallback(), Fuse()])
    return _wearing(core, template)


def _wearing(core, template, *controls):
    core.add_special_tokens([AddedToken(token, special=True) for token in ("<|im_start|>", "<|start_header_id|>", *controls)])
    made = PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<|begin_of_text|>",
        eos_token=ENDS.get(template, "<|observation|>"),
        additional_special_tokens=["<|im_start|>", "<|start_header_id|>", *controls],
    )
    made.chat_template = template
    return made
