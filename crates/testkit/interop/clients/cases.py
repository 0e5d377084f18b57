"""What the fake answers to the clients, by the model id that they ask for.

Every case is there for each family of model ids: clients look at the id to choose what they send and read.
"""

TEXT = "Grüße! Both cities, 東京 and Zürich 🌦️: let me look."
CITIES = ["東京", "Zürich"]
RESULTS = ["sunny ☀️", "rain 🌧️"]
REASONING = "Two cities, so two calls: 一度に."
SIGNATURE = "c2lnbmVk"
ACCESS_KEY, SECRET_KEY, API_KEY = "AKIDCLIENTS", "clients-secret", "clients-key"
REGION = "us-east-1"

CALLS = [{"id": f"tooluse_{at}", "name": "look", "input": {"city": city}} for at, city in enumerate(CITIES)]
SCRIPT = {
    "text": [{"text": TEXT}],
    "tools": [{"text": TEXT, "tool": CALLS}],
    "reasoning": [{"reasoning": REASONING, "signature": SIGNATURE, "text": TEXT}],
    # The fake makes answers of its own from the request: they repeat the tools' results, or fit the schema.
    "echo": [{}],
    "busy": [{"refuse": "ThrottlingException", "retry_after": 1}],
    "fails": [{"text": TEXT, "fault": "exception:throttlingException@middle"}],
    "cut": [{"text": TEXT, "fault": "no-stop"}],
}
COPIES = 30
# Several replies are given in order, each once: these cases are there as often as a script may ask for them, as `NAME-0`,
# `NAME-1` and so on.
SEQUENCES = {
    # A client that runs the tools itself asks again with their results.
    "loop": [{"text": TEXT, "tool": CALLS}, {}],
    "typed": [{"tool": CALLS}, {"tool": {"name": "final_result", "input": {"city": CITIES[0], "days": 3}}}],
    "busy-once": [{"refuse": "ThrottlingException", "retry_after": 1}, {"text": TEXT}],
}
SCRIPT |= {f"{case}-{number}": replies for case, replies in SEQUENCES.items() for number in range(COPIES)}
FAMILIES = {
    "claude": "us.anthropic.claude-sonnet-4-5-{}-v1:0",
    "openai": "openai.gpt-oss-120b-{}",
    "nova": "us.amazon.nova-pro-{}-v1:0",
    "llama": "us.meta.llama3-1-70b-instruct-{}-v1:0",
}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
TOOL_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
QUESTION = "How is the weather in 東京 and Zürich?"


def script():
    """The script of `bedrock-stream serve`."""
    return {family.format(case): replies for family in FAMILIES.values() for case, replies in SCRIPT.items()}


def shared():
    """What the scripts in other languages need."""
    return {
        "text": TEXT,
        "cities": CITIES,
        "results": RESULTS,
        "reasoning": REASONING,
        "signature": SIGNATURE,
        "accessKey": ACCESS_KEY,
        "secretKey": SECRET_KEY,
        "apiKey": API_KEY,
        "region": REGION,
        "families": FAMILIES,
        "schema": SCHEMA,
        "toolSchema": TOOL_SCHEMA,
        "question": QUESTION,
    }
