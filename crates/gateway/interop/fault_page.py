"""The page docs/gateway-faults.md: writes it, and reads the cells that it has."""

from pathlib import Path

PATH = Path(__file__).resolve().parents[3] / "docs" / "gateway-faults.md"
# How the gateway asks Bedrock, each a table of the page.
CONVERTED = "Converted"
NATIVE = "Bedrock's own endpoints"
DIALECTS = ("chat", "responses", "messages")
PACKAGES = ("Python", "npm")
# Of a fault that changes nothing in a dialect, or nothing that could be noticed.
NOTHING = "–"
HEAD = """# Every fault of Bedrock's, through the gateway

Written by `crates/gateway/interop/faults.py`: each fault of the fake Bedrock, through `bedrock-stream gateway`, read by OpenAI's
and Anthropic's own packages, in each way that they have: as a raw stream, by the helper over it, and whole. CI checks that the
Python columns are up to date; `.ci/full` also runs the npm packages.

{faults} faults, {cells} cells, **{silent} silently short**.

- *whole*: what was read is what the model said, to the end.
- *raises*: the package raised an error.
- *as sent*: what was read is what Bedrock's stream says, to the end. A delta was lost, repeated or moved on the way, and every message
  is valid. A client of ConverseStream, Messages or Chat Completions cannot tell, since nothing is numbered or repeated there. Responses
  repeats each text as a whole, so there the gateway ends such an answer in an error.
- *silent*: none of these, which must never be.
- {nothing}: the fault changes nothing in this dialect, or nothing that could be noticed: one letter is another, say.

Where the three ways differ, they stand in the order above. [faults.md](faults.md) says what each fault means.

To see what a client makes of a fault, run each of these in a terminal of its own, and let the client ask the gateway
(`http://127.0.0.1:8080/v1`, or without `/v1` for Anthropic's packages) for any model:

```sh
bedrock-stream serve --listen 127.0.0.1:9000 --fault cut
bedrock-stream gateway --listen 127.0.0.1:8080 --endpoint-url http://127.0.0.1:9000 --region us-east-1 --credentials a:b --idle-timeout 2
```

For the second table, add `--native`, and ask for a model that Bedrock serves in the dialect itself, such as `openai.gpt-5` or
`anthropic.claude-x`. A script gives each fault a model of its own, so that one fake has many:
`serve --script FILE`, with `{{"cut": [{{"text": "Two moons.", "fault": "cut"}}], "html": [{{"fault": "html"}}]}}` in the file.

The tables' own answer has reasoning, text and a tool call, so a fault at a byte or a bit, such as `cut-at:1000`, may hit something else in another
one. In the repository, `cargo run -p bedrock-stream-testkit --example every_fault` serves that answer, with each fault as a model of its
name, and prints the URL for `--endpoint-url`.
"""
INTRODUCTIONS = {
    CONVERTED: "Bedrock is asked by ConverseStream. Its answer is written in the client's dialect.",
    NATIVE: """Bedrock is asked in the client's dialect, and its answer is passed on and judged, as [the
gateway's page](gateway.md#bedrocks-own-endpoints) says.""",
}


def columns():
    """The titles: the dialect and the package."""
    return [f"{dialect} {package}" for package in PACKAGES for dialect in DIALECTS]


def known():
    """The cells of the page as it is, by table, fault and column."""
    tables = {CONVERTED: {}, NATIVE: {}}
    if not PATH.exists():
        return tables
    for section in PATH.read_text().split("\n## ")[1:]:
        title, *lines = section.splitlines()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        tables[title] = {cells[0].strip("`"): dict(zip(rows[0][1:], cells[1:])) for cells in rows[2:]}
    return tables


def silent(tables):
    """How many answers were silently short."""
    return sum(cell.count("silent") for rows in tables.values() for row in rows.values() for cell in row.values())


def text(tables):
    """The page, of the cells by table, fault and column."""
    cells = [cell for rows in tables.values() for row in rows.values() for cell in row.values() if cell != NOTHING]
    faults = {fault for rows in tables.values() for fault in rows}
    parts = [HEAD.format(faults=len(faults), cells=len(cells), silent=silent(tables), nothing=NOTHING)]
    for title, rows in tables.items():
        names = [name for name in columns() if any(name in row for row in rows.values())]
        lines = [f"| fault | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        lines += [f"| `{fault}` | {' | '.join(row.get(name, '') for name in names)} |" for fault, row in rows.items()]
        parts.append("\n".join([f"## {title}", "", INTRODUCTIONS[title], "", *lines, ""]))
    return "\n".join(parts)
