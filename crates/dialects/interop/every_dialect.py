"""One scripted answer in every dialect, written by the official SDKs' own types: our decoders must give the same chunks.

Usage: python every_dialect.py CONCLUSION

CONCLUSION is the example of that name of `crates/dialects`. The answer has reasoning, text and two parallel tool calls. The
packages `anthropic`, `openai` and `boto3` must be importable: events are their pydantic models, and Converse's are checked
against botocore's model. Compared are the chunks of each block in their order, and those of the message. What may differ:
the ids, when a call's end is told (Chat Completions has no event for it), the signature (neither of OpenAI's dialects has
one), and what each dialect alone says at the end.
"""

import base64
import json
import struct
import subprocess
import sys
import zlib

from anthropic import types as claude
from botocore.eventstream import EventStreamBuffer
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser
from openai.types import responses as openai_responses
from openai.types.chat import chat_completion_chunk as openai_chat
from openai.types.completion_usage import CompletionUsage
from openai.types.responses import response_usage

REASONING = ["They ask about ", "two cities."]
TEXT = ["I look at ", "both: \"é\"\n"]
CALLS = [("call_a", "get_weather", ['{"city":', '"Paris"}']), ("call_b", "get_weather", ['{"city":"Os', 'lo"}'])]
SIGNATURE = "c2lnbmF0dXJl"
INPUT_TOKENS, OUTPUT_TOKENS = 17, 42


def messages():
    """The events of Messages."""
    usage = claude.Usage(input_tokens=INPUT_TOKENS, output_tokens=1)
    yield claude.RawMessageStartEvent(
        type="message_start",
        message=claude.Message(
            id="msg_1", type="message", role="assistant", model="claude-sonnet-4-5", content=[], usage=usage
        ),
    )
    blocks = [
        (
            claude.ThinkingBlock(type="thinking", thinking="", signature=""),
            [claude.ThinkingDelta(type="thinking_delta", thinking=piece) for piece in REASONING]
            + [claude.SignatureDelta(type="signature_delta", signature=SIGNATURE)],
        ),
        (claude.TextBlock(type="text", text=""), [claude.TextDelta(type="text_delta", text=piece) for piece in TEXT]),
    ]
    for call, name, pieces in CALLS:
        deltas = [claude.InputJSONDelta(type="input_json_delta", partial_json=piece) for piece in ["", *pieces]]
        blocks.append((claude.ToolUseBlock(type="tool_use", id=call, name=name, input={}), deltas))
    for index, (block, deltas) in enumerate(blocks):
        yield claude.RawContentBlockStartEvent(type="content_block_start", index=index, content_block=block)
        for delta in deltas:
            yield claude.RawContentBlockDeltaEvent(type="content_block_delta", index=index, delta=delta)
        yield claude.RawContentBlockStopEvent(type="content_block_stop", index=index)
    yield claude.RawMessageDeltaEvent(
        type="message_delta",
        delta={"stop_reason": "tool_use", "stop_sequence": None},
        usage=claude.MessageDeltaUsage(output_tokens=OUTPUT_TOKENS),
    )
    yield claude.RawMessageStopEvent(type="message_stop")


def chat():
    """The chunks of Chat Completions. Reasoning is a member that OpenAI's own models lack, and gpt-oss on Bedrock has."""

    def chunk(delta=None, finish_reason=None, usage=None):
        delta = openai_chat.ChoiceDelta.model_validate(delta or {})
        choice = openai_chat.Choice(index=0, delta=delta, finish_reason=finish_reason)
        return openai_chat.ChatCompletionChunk(
            id="chatcmpl-1",
            object="chat.completion.chunk",
            created=1782321928,
            model="openai.gpt-oss-120b",
            choices=[] if usage else [choice],
            usage=usage,
        )

    yield chunk({"role": "assistant", "content": ""})
    yield from (chunk({"reasoning": piece}) for piece in REASONING)
    yield from (chunk({"content": piece}) for piece in TEXT)
    for index, (call, name, pieces) in enumerate(CALLS):
        function = {"name": name, "arguments": ""}
        yield chunk({"tool_calls": [{"index": index, "id": call, "type": "function", "function": function}]})
        yield from (chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}) for piece in pieces)
    yield chunk(finish_reason="tool_calls")
    total = INPUT_TOKENS + OUTPUT_TOKENS
    yield chunk(usage=CompletionUsage(prompt_tokens=INPUT_TOKENS, completion_tokens=OUTPUT_TOKENS, total_tokens=total))


def responses():
    """The events of Responses."""
    numbers = iter(range(1000))

    def event(kind, **members):
        return getattr(openai_responses, kind).model_validate(members | {"sequence_number": next(numbers)})

    def response(status, output, usage=None):
        return openai_responses.Response(
            id="resp_1",
            object="response",
            created_at=1784247619,
            status=status,
            model="openai.gpt-oss-120b",
            output=output,
            parallel_tool_calls=True,
            tool_choice="auto",
            tools=[],
            usage=usage,
        )

    items = []
    yield event("ResponseCreatedEvent", type="response.created", response=response("in_progress", []))
    reasoning = {"id": "rs_1", "type": "reasoning", "summary": []}
    at = {"item_id": "rs_1", "output_index": 0, "content_index": 0}
    yield event("ResponseOutputItemAddedEvent", type="response.output_item.added", output_index=0, item=reasoning)
    for piece in REASONING:
        yield event("ResponseReasoningTextDeltaEvent", type="response.reasoning_text.delta", delta=piece, **at)
    whole = "".join(REASONING)
    yield event("ResponseReasoningTextDoneEvent", type="response.reasoning_text.done", text=whole, **at)
    items.append(reasoning | {"content": [{"type": "reasoning_text", "text": whole}]})
    yield event("ResponseOutputItemDoneEvent", type="response.output_item.done", output_index=0, item=items[-1])

    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    at = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    yield event("ResponseOutputItemAddedEvent", type="response.output_item.added", output_index=1, item=message)
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    yield event("ResponseContentPartAddedEvent", type="response.content_part.added", part=empty, **at)
    for piece in TEXT:
        yield event("ResponseTextDeltaEvent", type="response.output_text.delta", delta=piece, logprobs=[], **at)
    whole = empty | {"text": "".join(TEXT)}
    text = whole["text"]
    yield event("ResponseTextDoneEvent", type="response.output_text.done", text=text, logprobs=[], **at)
    yield event("ResponseContentPartDoneEvent", type="response.content_part.done", part=whole, **at)
    items.append(message | {"status": "completed", "content": [whole]})
    yield event("ResponseOutputItemDoneEvent", type="response.output_item.done", output_index=1, item=items[-1])

    for index, (call, name, pieces) in enumerate(CALLS, 2):
        item = {"id": f"fc_{index}", "type": "function_call", "call_id": call, "name": name, "arguments": ""}
        item["status"] = "in_progress"
        at = {"item_id": item["id"], "output_index": index}
        yield event("ResponseOutputItemAddedEvent", type="response.output_item.added", output_index=index, item=item)
        kind = "response.function_call_arguments"
        for piece in pieces:
            yield event("ResponseFunctionCallArgumentsDeltaEvent", type=f"{kind}.delta", delta=piece, **at)
        whole = "".join(pieces)
        done = {"arguments": whole, "name": name} | at
        yield event("ResponseFunctionCallArgumentsDoneEvent", type=f"{kind}.done", **done)
        items.append(item | {"arguments": whole, "status": "completed"})
        yield event("ResponseOutputItemDoneEvent", type="response.output_item.done", output_index=index, item=items[-1])

    usage = response_usage.ResponseUsage(
        input_tokens=INPUT_TOKENS,
        input_tokens_details={"cached_tokens": 0, "cache_write_tokens": 0},
        output_tokens=OUTPUT_TOKENS,
        output_tokens_details={"reasoning_tokens": 0},
        total_tokens=INPUT_TOKENS + OUTPUT_TOKENS,
    )
    yield event("ResponseCompletedEvent", type="response.completed", response=response("completed", items, usage))


def converse():
    """The events of ConverseStream: a name and its members."""
    yield "messageStart", {"role": "assistant"}
    deltas = [
        (None, [{"reasoningContent": {"text": piece}} for piece in REASONING] + [{"reasoningContent": {"signature": SIGNATURE}}]),
        (None, [{"text": piece} for piece in TEXT]),
    ]
    for call, name, pieces in CALLS:
        deltas.append(({"toolUse": {"toolUseId": call, "name": name}}, [{"toolUse": {"input": piece}} for piece in pieces]))
    for index, (start, pieces) in enumerate(deltas):
        if start:
            yield "contentBlockStart", {"contentBlockIndex": index, "start": start}
        for piece in pieces:
            yield "contentBlockDelta", {"contentBlockIndex": index, "delta": piece}
        yield "contentBlockStop", {"contentBlockIndex": index}
    yield "messageStop", {"stopReason": "tool_use"}
    total = INPUT_TOKENS + OUTPUT_TOKENS
    yield "metadata", {"usage": {"inputTokens": INPUT_TOKENS, "outputTokens": OUTPUT_TOKENS, "totalTokens": total}}


def sse(events, last=""):
    """Models as server-sent events."""
    text = ""
    for event in events:
        name = getattr(event, "type", None)
        text += f"event: {name}\n" if name else ""
        text += f"data: {event.to_json(indent=None)}\n\n"
    return (text + last).encode()


def frame(event, payload):
    """A message of an event stream."""
    headers = b""
    for name, value in ((":event-type", event), (":content-type", "application/json"), (":message-type", "event")):
        headers += struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", 7, len(value)) + value.encode()
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def invoke(payloads):
    """Payloads as an event stream of `chunk` messages."""
    return b"".join(
        frame("chunk", json.dumps({"bytes": base64.b64encode(payload.encode()).decode()}).encode()) for payload in payloads
    )


def converse_stream():
    """Converse's event stream, after botocore read all of it back."""
    body = b"".join(frame(name, json.dumps(members).encode()) for name, members in converse())
    model = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
    buffer, read = EventStreamBuffer(), []
    buffer.add_data(body)
    for event in buffer:
        read.append(EventStreamJSONParser().parse(event.to_response_dict(), model.shape_for("ConverseStreamOutput")))
    written = [{name: members} for name, members in converse()]
    assert read == written, "botocore's model has every member"
    return body


def answers():
    """How each dialect is carried, and the bytes."""
    yield "converse", "converse", converse_stream()
    yield "messages", "sse", sse(messages())
    yield "messages", "invoke", invoke(event.to_json(indent=None) for event in messages())
    yield "chat", "sse", sse(chat(), "data: [DONE]\n\n")
    yield "chat", "invoke", invoke(event.to_json(indent=None, exclude_unset=True) for event in chat())
    yield "responses", "sse", sse(responses())
    yield "nova", "invoke", invoke(json.dumps({name: members}) for name, members in converse())


def normalized(chunks):
    """The chunks of the message and of each block, without what may differ."""
    blocks = {None: []}
    for chunk in chunks:
        chunk = {name: value for name, value in chunk.items() if name != "id"}
        if chunk["type"] == "reasoning_signature":
            continue
        if chunk["type"] == "done":
            chunk = {name: chunk.get(name) for name in ("type", "stop_reason", "usage", "skipped_events", "tail")}
            counts = ("inputTokens", "outputTokens", "totalTokens")
            chunk["usage"] = {name: (chunk["usage"] or {}).get(name) for name in counts}
        blocks.setdefault(chunk.get("block"), []).append(chunk)
    return blocks


def main():
    [program] = sys.argv[1:]
    written = list(answers())
    lines = [
        json.dumps({"dialect": dialect, "carrier": carrier, "bytes": base64.b64encode(body).decode()})
        for dialect, carrier, body in written
    ]
    output = subprocess.run([program], input="\n".join(lines), stdout=subprocess.PIPE, text=True, check=True).stdout
    read = [json.loads(line) for line in output.splitlines()]
    expected = normalized(read[0]["chunks"])
    assert [chunk["type"] for chunk in expected[None]] == ["start", "stop", "done"], expected
    inputs = [call["arguments"] for call in read[0]["calls"]]
    assert inputs == ["".join(pieces) for _, _, pieces in CALLS], inputs
    wrong = 0
    for (dialect, carrier, _), answer in zip(written, read):
        blocks = normalized(answer["chunks"])
        ids = [call["id"] for call in answer["calls"]]
        if answer["errors"] or answer["failure"] or ids != [call for call, _, _ in CALLS]:
            print(f"FAILED  {dialect} ({carrier}): {answer['errors']} {answer['failure']} {ids}")
            wrong += 1
        for block in sorted(expected.keys() | blocks.keys(), key=str):
            if expected.get(block) != blocks.get(block):
                print(f"FAILED  {dialect} ({carrier}), block {block}:\n  {expected.get(block)}\n  {blocks.get(block)}")
                wrong += 1
    print(f"{len(written)} answers in {len({dialect for dialect, _, _ in written})} dialects, {wrong} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
