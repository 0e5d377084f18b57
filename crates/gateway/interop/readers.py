"""Reads answers by OpenAI's and Anthropic's packages, in each way that they have: the raw stream, the helper over it, and whole.

Each reader returns what an application would take the answer for: its text, its tool calls, and whether it ended.
"""

import json

PROMPT = "What is the weather in Paris?"


def answer(text, calls, ended):
    return {"text": text, "calls": [[name, json.loads(arguments or "{}")] for name, arguments in calls], "ended": ended}


def chat_raw(openai, model, **more):
    text, calls, ended = "", {}, False
    stream = openai.chat.completions.create(
        model=model, stream=True, messages=[{"role": "user", "content": PROMPT}], **more
    )
    for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            for call in choice.delta.tool_calls or []:
                known = calls.setdefault(call.index, ["", ""])
                known[0] += call.function.name or ""
                known[1] += call.function.arguments or ""
            ended = ended or choice.finish_reason is not None
    return answer(text, calls.values(), ended)


def of_completion(completion):
    choice = completion.choices[0]
    calls = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or []]
    return answer(choice.message.content or "", calls, choice.finish_reason is not None)


def chat_helper(openai, model, **more):
    with openai.chat.completions.stream(
        model=model, messages=[{"role": "user", "content": PROMPT}], **more
    ) as stream:
        for _ in stream:
            pass
        return of_completion(stream.get_final_completion())


def chat_whole(openai, model, **more):
    return of_completion(
        openai.chat.completions.create(model=model, messages=[{"role": "user", "content": PROMPT}], **more)
    )


def responses_raw(openai, model, **more):
    text, calls, ended = "", [], False
    for event in openai.responses.create(model=model, stream=True, input=PROMPT, **more):
        if event.type == "response.output_text.delta":
            text += event.delta
        elif event.type == "response.function_call_arguments.done":
            calls.append((event.name, event.arguments))
        elif event.type in ("response.completed", "response.incomplete"):
            ended = True
    return answer(text, calls, ended)


def of_response(response):
    calls = [(item.name, item.arguments) for item in response.output if item.type == "function_call"]
    return answer(response.output_text, calls, response.status in ("completed", "incomplete"))


def responses_helper(openai, model, **more):
    with openai.responses.stream(model=model, input=PROMPT, **more) as stream:
        for _ in stream:
            pass
        return of_response(stream.get_final_response())


def responses_whole(openai, model, **more):
    return of_response(openai.responses.create(model=model, input=PROMPT, **more))


def messages_raw(anthropic, model, **more):
    text, calls, ended = "", {}, False
    stream = anthropic.messages.create(
        model=model, max_tokens=1000, stream=True, messages=[{"role": "user", "content": PROMPT}], **more
    )
    for event in stream:
        if event.type == "content_block_start" and event.content_block.type == "tool_use":
            calls[event.index] = [event.content_block.name, ""]
        elif event.type == "content_block_delta":
            if event.delta.type == "text_delta":
                text += event.delta.text
            elif event.delta.type == "input_json_delta":
                calls[event.index][1] += event.delta.partial_json
        elif event.type == "message_delta":
            ended = ended or event.delta.stop_reason is not None
    return answer(text, calls.values(), ended)


def of_message(message):
    text = "".join(block.text for block in message.content if block.type == "text")
    calls = [(block.name, json.dumps(block.input)) for block in message.content if block.type == "tool_use"]
    return answer(text, calls, message.stop_reason is not None)


def messages_helper(anthropic, model, **more):
    with anthropic.messages.stream(
        model=model, max_tokens=1000, messages=[{"role": "user", "content": PROMPT}], **more
    ) as stream:
        for _ in stream:
            pass
        return of_message(stream.get_final_message())


def messages_whole(anthropic, model, **more):
    return of_message(
        anthropic.messages.create(
            model=model, max_tokens=1000, messages=[{"role": "user", "content": PROMPT}], **more
        )
    )


READERS = {
    "chat": (chat_raw, chat_helper, chat_whole),
    "responses": (responses_raw, responses_helper, responses_whole),
    "messages": (messages_raw, messages_helper, messages_whole),
}
