"""A deliberately wrong client: it treats the end of the bytes as the end of the answer, and ignores exceptions."""
import json, os, struct, sys, urllib.error, urllib.request

url = f"{os.environ['BEDROCK_STREAM_URL']}/model/{os.environ['BEDROCK_STREAM_MODEL']}/converse-stream"
body = json.dumps({"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}).encode()
try:
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=1) as response:
        stream = response.read()
except (urllib.error.URLError, OSError) as error:
    sys.exit(f"no answer: {error}")
text, at = "", 0
while at + 16 <= len(stream):
    total, headers = struct.unpack(">II", stream[at : at + 8])
    payload = stream[at + 12 + headers : at + total - 4]
    try:
        text += json.loads(payload).get("delta", {}).get("text", "")
    except ValueError:
        pass
    at += total
print(text)
