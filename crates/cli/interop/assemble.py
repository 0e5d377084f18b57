"""Assembles each complete recording's message from botocore's decode of it, independently of our own code.

Usage: python assemble.py EXPECTED.jsonl   prints the message that the `Converse` operation would have returned.
Only the standard library; the rules are those of DESIGN C8.
"""

import base64
import json
import sys


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return value


def events(path):
    for line in open(path, encoding="utf-8"):
        message = json.loads(line)
        headers = dict(message["headers"])
        payload = json.loads(message["payload"])
        payload.pop("p", None)
        yield headers.get(":event-type"), without_nulls(payload)


def assemble(path):
    role, blocks, order, rest = None, {}, [], {}
    for name, event in events(path):
        index = event.get("contentBlockIndex")
        if name == "messageStart":
            role = event["role"]
        elif name in ("contentBlockStart", "contentBlockDelta"):
            if index not in blocks:
                blocks[index] = {"start": {}, "deltas": []}
                order.append(index)
            if name == "contentBlockStart":
                blocks[index]["start"] = event["start"]
            else:
                blocks[index]["deltas"].append(event["delta"])
        elif name == "messageStop":
            rest |= event
        elif name == "metadata":
            rest |= event
    content = [block for index in sorted(order) if (block := finish(**blocks[index])) is not None]
    return {"output": {"message": {"role": role, "content": content}}, **rest}


def finish(start, deltas):
    if "toolUse" in start:
        text = "".join(delta["toolUse"]["input"] for delta in deltas)
        return {"toolUse": {**start["toolUse"], "input": json.loads(text or "{}")}}
    if "toolResult" in start:
        return {"toolResult": {**start["toolResult"], "content": [part for delta in deltas for part in delta["toolResult"]]}}
    reasoning = [delta["reasoningContent"] for delta in deltas if "reasoningContent" in delta]
    if any("redactedContent" in delta for delta in reasoning):
        pieces = [base64.b64decode(delta["redactedContent"]) for delta in reasoning]
        return {"reasoningContent": {"redactedContent": base64.b64encode(b"".join(pieces)).decode()}}
    if reasoning:
        joined = {"text": "".join(delta.get("text", "") for delta in reasoning)}
        if any("signature" in delta for delta in reasoning):
            joined["signature"] = "".join(delta.get("signature", "") for delta in reasoning)
        return {"reasoningContent": {"reasoningText": joined}}
    text = "".join(delta.get("text", "") for delta in deltas)
    citations = [delta["citation"] for delta in deltas if "citation" in delta]
    if citations:
        parts = {"content": [{"text": text}]} if text else {}
        return {"citationsContent": {**parts, "citations": citations}}
    return {"text": text} if text else None


if __name__ == "__main__":
    json.dump(assemble(sys.argv[1]), sys.stdout, ensure_ascii=False)
