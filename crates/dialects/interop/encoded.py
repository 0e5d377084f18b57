"""The official SDKs read what the encoders write: the same answer, or an exception.

Usage: python encoded.py ENCODE_ANSWERS

ENCODE_ANSWERS is the example of that name. The packages `openai` and `anthropic` must be importable. Each answer is read raw, by
the SDK's stream helper, and as one object, over a transport that is no network. Exits 0 if every whole answer is read as it was,
and every other raises.
"""

import json
import subprocess
import sys

import anthropic
import openai

# anthropic has a fork of httpx, and wants a client of that.
try:
    import httpx2 as anthropic_httpx
except ImportError:
    import httpx as anthropic_httpx
openai_httpx = sys.modules.get("httpx2") if "httpx2" in repr(openai.DefaultHttpxClient.__mro__) else None
if openai_httpx is None:
    import httpx as openai_httpx

ASK = [{"role": "user", "content": "?"}]
FINISH_ERRORS = (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError)


def transport(httpx, case, is_stream):
    def answer(request):
        if is_stream:
            body = case["stream"].encode()
            # In pieces that cut events and characters.
            pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(pieces))
        headers = {"content-type": "application/json", "x-request-id": "req", "request-id": "req"}
        if case["whole"] is None:
            return httpx.Response(case["status"], headers=headers, content=case["error_body"])
        return httpx.Response(200, headers=headers, content=case["whole"])

    return httpx.MockTransport(answer)


def openai_client(case, is_stream):
    http = openai_httpx.Client(transport=transport(openai_httpx, case, is_stream))
    return openai.OpenAI(api_key="k", base_url="http://bedrock.test/v1", http_client=http, max_retries=0)


def anthropic_client(case, is_stream):
    http = anthropic_httpx.Client(transport=transport(anthropic_httpx, case, is_stream))
    return anthropic.Anthropic(api_key="k", base_url="http://bedrock.test", http_client=http, max_retries=0)


def chat_raw(case):
    told = {"text": "", "reasoning": "", "calls": [], "end": None, "usage": None}
    for chunk in openai_client(case, True).chat.completions.create(model="m", messages=ASK, stream=True):
        told["usage"] = chunk.usage or told["usage"]
        for choice in chunk.choices:
            told["text"] += choice.delta.content or ""
            told["reasoning"] += getattr(choice.delta, "reasoning_content", None) or ""
            for call in choice.delta.tool_calls or []:
                if call.id:
                    told["calls"].append({"id": call.id, "name": call.function.name, "arguments": ""})
                told["calls"][call.index]["arguments"] += call.function.arguments or ""
            told["end"] = choice.finish_reason or told["end"]
    told["usage"] = told["usage"] and [told["usage"].prompt_tokens, told["usage"].completion_tokens]
    return told


def chat_completion(completion):
    message = completion.choices[0].message
    return {
        "text": message.content or "",
        "reasoning": getattr(message, "reasoning_content", None) or "",
        "calls": [
            {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
            for call in message.tool_calls or []
        ],
        "end": completion.choices[0].finish_reason,
        "usage": [completion.usage.prompt_tokens, completion.usage.completion_tokens],
    }


def chat_helper(case):
    with openai_client(case, True).chat.completions.stream(model="m", messages=ASK) as stream:
        for _ in stream:
            pass
        try:
            return chat_completion(stream.get_final_completion())
        except FINISH_ERRORS:
            return chat_completion(stream.current_completion_snapshot)


def chat_whole(case):
    return chat_completion(openai_client(case, False).chat.completions.create(model="m", messages=ASK))


def response_object(response):
    calls = [item for item in response.output if item.type == "function_call"]
    reasoning = [part.text for item in response.output if item.type == "reasoning" for part in item.summary]
    details = response.incomplete_details
    return {
        "text": response.output_text,
        "reasoning": "".join(reasoning),
        "calls": [{"id": call.call_id, "name": call.name, "arguments": call.arguments} for call in calls],
        "end": details.reason if details else response.status,
        "usage": [response.usage.input_tokens, response.usage.output_tokens],
    }


def responses_raw(case):
    last, numbers = None, []
    for event in openai_client(case, True).responses.create(model="m", input="?", stream=True):
        numbers.append(event.sequence_number)
        if event.type in ("response.completed", "response.incomplete"):
            last = event.response
    assert numbers == list(range(len(numbers))), numbers
    return response_object(last)


def responses_helper(case):
    with openai_client(case, True).responses.stream(model="m", input="?") as stream:
        last, text, arguments = None, "", {}
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
            if event.type == "response.function_call_arguments.delta":
                arguments[event.output_index] = arguments.get(event.output_index, "") + event.delta
            if event.type in ("response.completed", "response.incomplete"):
                last = event.response
        told = response_object(last)
        assert text == told["text"], "the deltas and the last event differ"
        assert list(arguments.values()) == [call["arguments"] for call in told["calls"]]
        if last.status == "completed":
            assert response_object(stream.get_final_response()) == told
        return told


def responses_whole(case):
    return response_object(openai_client(case, False).responses.create(model="m", input="?"))


def message_object(message):
    calls = [block for block in message.content if block.type == "tool_use"]
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "reasoning": "".join(block.thinking for block in message.content if block.type == "thinking"),
        "calls": [{"id": call.id, "name": call.name, "arguments": call.input} for call in calls],
        "signed": [block.signature for block in message.content if block.type == "thinking"],
        "redacted": [block.data for block in message.content if block.type == "redacted_thinking"],
        "end": message.stop_reason,
        "usage": [message.usage.input_tokens, message.usage.output_tokens],
    }


def messages_raw(case):
    told = {"text": "", "reasoning": "", "calls": [], "signed": [], "redacted": [], "end": None, "usage": None}
    is_stopped, count = False, 0
    events = anthropic_client(case, True).messages.create(model="m", max_tokens=9, messages=ASK, stream=True)
    for event in events:
        if event.type == "content_block_start":
            assert event.index == count
            count += 1
            if event.content_block.type == "tool_use":
                told["calls"].append({"id": event.content_block.id, "name": event.content_block.name, "arguments": ""})
            if event.content_block.type == "redacted_thinking":
                told["redacted"].append(event.content_block.data)
        elif event.type == "content_block_delta":
            delta = event.delta
            told["text"] += getattr(delta, "text", "")
            told["reasoning"] += getattr(delta, "thinking", "")
            if delta.type == "signature_delta":
                told["signed"].append(delta.signature)
            if delta.type == "input_json_delta":
                told["calls"][-1]["arguments"] += delta.partial_json
        elif event.type == "message_delta":
            told["end"] = event.delta.stop_reason
            told["usage"] = [event.usage.input_tokens, event.usage.output_tokens]
        is_stopped = event.type == "message_stop"
    assert is_stopped, "the last event is message_stop"
    for call in told["calls"]:
        call["arguments"] = call["arguments"] or "{}"
    return told


def messages_helper(case):
    with anthropic_client(case, True).messages.stream(model="m", max_tokens=9, messages=ASK) as stream:
        return message_object(stream.get_final_message())


def messages_whole(case):
    return message_object(anthropic_client(case, False).messages.create(model="m", max_tokens=9, messages=ASK))


READERS = {
    "chat": [chat_raw, chat_helper, chat_whole],
    "responses": [responses_raw, responses_helper, responses_whole],
    "messages": [messages_raw, messages_helper, messages_whole],
}
ENDS = {
    "chat": {"tool": "tool_calls", "max": "length", "guardrail": "content_filter", "other": "stop"},
    "responses": {"tool": "completed", "max": "max_output_tokens", "guardrail": "content_filter", "other": "completed"},
    "messages": {"tool": "tool_use", "max": "max_tokens", "guardrail": "refusal", "other": "end_turn"},
}


def end_of(case):
    ends, name = ENDS[case["dialect"]], case["name"]
    if name in ("max-tokens", "tool-cut-by-limit"):
        return ends["max"]
    if name == "guardrail":
        return ends["guardrail"]
    return ends["tool"] if case["calls"] else ends["other"]


def parsed(calls):
    return [
        {**call, "arguments": json.loads(call["arguments"]) if isinstance(call["arguments"], str) else call["arguments"]}
        for call in calls
    ]


def differences(case, told):
    expected = {"text": case["text"], "reasoning": case["reasoning"], "end": end_of(case)}
    expected["usage"] = [10, 7] if case["dialect"] == "messages" else [130, 7]
    if case["dialect"] == "messages" and case["name"] == "thinking":
        expected |= {"signed": ["c2ln"], "redacted": ["AQID"]}
    found = [f"{name}: {told[name]!r}, not {value!r}" for name, value in expected.items() if told[name] != value]
    if case["name"] == "tool-cut-by-limit":
        return found
    if parsed(told["calls"]) != parsed(case["calls"]):
        found.append(f"calls: {told['calls']!r}, not {case['calls']!r}")
    return found


def is_expected_to_raise(case, reader):
    # An `input` that was cut is no object.
    is_object = case["dialect"] == "messages" and "whole" in reader.__name__
    return not case["is_complete"] or (is_object and case["name"] == "tool-cut-by-limit")


def main():
    lines = subprocess.run(sys.argv[1:2], check=True, capture_output=True, text=True).stdout
    cases = [json.loads(line) for line in lines.split("\n") if line]
    failed = 0
    for case in cases:
        for reader in READERS[case["dialect"]]:
            name = f"{case['name']}, {reader.__name__}"
            try:
                told = reader(case)
            except (openai.APIError, anthropic.APIError) as error:
                problems = [] if is_expected_to_raise(case, reader) else [f"{type(error).__name__}: {error}"]
            except Exception as error:  # anything else is no way to be told of an error
                problems = [f"{type(error).__name__}: {error}"]
            else:
                problems = ["it looks whole"] if is_expected_to_raise(case, reader) else differences(case, told)
            failed += bool(problems)
            for problem in problems:
                print(f"{name}: {problem}")
    print(f"{len(cases)} streams and objects, 3 readers each, {failed} failed (openai {openai.__version__}, anthropic {anthropic.__version__})")
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
