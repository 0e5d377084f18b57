"""Compares the events of Responses that the decoder knows with those of the official SDK: every type of its union
`ResponseStreamEvent` must be read, or be in the list of those that are deliberately kept as unknown data.

    python3 -m venv /tmp/openai && /tmp/openai/bin/pip install openai
    /tmp/openai/bin/python crates/dialects/interop/responses_events.py
"""

import pathlib
import re
import sys
import typing

import openai
from openai.types.responses import ResponseStreamEvent

SOURCE = pathlib.Path(__file__).parent.parent / "src/decode/responses/event.rs"


def members(union) -> tuple:
    """The members of a union, which may be annotated with how they are told apart."""
    if typing.get_origin(union) is typing.Annotated:
        union = typing.get_args(union)[0]
    return typing.get_args(union)


def sdk_types() -> set[str]:
    return {
        name
        for event in members(ResponseStreamEvent)
        for name in typing.get_args(event.model_fields["type"].annotation)
    }


def listed(name: str, pattern: str) -> set[str]:
    """The types in one of the source's lists."""
    text = SOURCE.read_text()
    found = re.search(rf"{name}: \[.*?\] = \[(.*?)\n *\];", text, re.DOTALL)
    assert found, f"{SOURCE} has no {name}"
    return set(re.findall(pattern, found.group(1)))


def main() -> int:
    sdk = sdk_types()
    read = listed("NAMES", r'\("([^"]+)",')
    kept = listed("KEPT_AS_UNKNOWN", r'"([^"]+)"')
    print(f"openai {openai.__version__}: {len(sdk)} types, {len(read)} read, {len(kept)} kept as unknown")
    missing = sorted(sdk - read - kept)
    gone = sorted((read | kept) - sdk - {"response.cancelled"})
    for name in missing:
        print(f"neither read nor listed: {name}")
    for name in gone:
        print(f"no longer in the SDK: {name}")
    return 1 if missing or gone or read & kept else 0


if __name__ == "__main__":
    sys.exit(main())
