#!/usr/bin/env python3
"""Compares the types of crates/core/src with AWS's own model of Converse and ConverseStream.

Usage: model_coverage.py [--sources DIR]      (needs botocore; `.ci/python-env newest` has the newest)

From each root below it follows the members of AWS's shapes and of our types side by side, and prints a line for each
member, enum value or kind of value that our types do not have. What our types keep as raw JSON on purpose is named in
EXCEPTIONS. Exit status: 0 if nothing was printed, 1 otherwise, 2 if it could not compare.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOTS = {
    "ConverseStreamRequest": "Request",
    "ConverseRequest": "Request",
    "ConverseStreamOutput": "Event",
    "ConverseResponse": "Response",
}

# The differences that are intended, and why. One that no longer exists is printed too.
EXCEPTIONS = {
    "GuardrailTraceAssessment.inputAssessment: is GuardrailAssessment at AWS and Json here": "deep, and grows often",
    "GuardrailTraceAssessment.outputAssessments: is GuardrailAssessment at AWS and Json here": "deep, and grows often",
    "CitationsDelta.sourceContent: is the object CitationSourceContentDelta at AWS and the union CitationSourceContent "
    "here": "a union everywhere else, and of the same JSON",
}

# The Rust types that a scalar may have. A string with enum values may also be a `string_enum!`; then its values are compared.
SCALARS = {
    "string": {"String"},
    "integer": {"u16", "u32", "u64", "i64"},
    "long": {"u64", "i64"},
    "float": {"f64"},
    "double": {"f64"},
    "boolean": {"bool"},
    "blob": {"Blob"},
}

# The Rust types that hold any JSON.
FREE_JSON = {"Json", "ToolInput"}


@dataclass
class RustType:
    """A type that one of the macros `object!`, `union!` and `string_enum!` declares, or the enum `Event`."""

    kind: str
    name: str
    members: dict = field(default_factory=dict)  # name on the wire -> type; for `string_enum!`, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).resolve().parent.parent / "src"
    parser.add_argument("--sources", type=Path, default=default, help="the folder of the Rust types")
    sources = parser.parse_args().sources

    shapes, version = aws_shapes()
    comparison = Comparison(shapes, rust_types(sources), read(the_file(sources, "exception.rs")))
    for shape, rust in ROOTS.items():
        comparison.compare(shape, rust, shape)

    problems = [line for line in comparison.problems if line not in EXCEPTIONS]
    problems += [f"no longer found: {line}" for line in EXCEPTIONS if line not in comparison.problems]
    for problem in problems:
        print(problem)
    print(
        f"botocore {version}: {comparison.members} members of {len(comparison.shapes_seen)} shapes compared, "
        f"{len(EXCEPTIONS)} exceptions, {len(problems)} problems",
        file=sys.stderr,
    )
    return 1 if problems else 0


class Comparison:
    """AWS's shapes and our types, followed side by side."""

    def __init__(self, shapes, types, exception_source):
        self.shapes = shapes
        self.types = types
        self.exception_names = set(re.findall(r'"(\w+)"', exception_source))
        self.seen = set()
        self.shapes_seen = set()
        self.members = 0
        self.problems = []

    def compare(self, shape_name, rust, at):
        """`rust` is the source text of a type; `at` is the member that is compared, as Shape.member."""
        rust = unwrapped(rust)
        self.shapes_seen.add(shape_name)
        shape = self.shapes[shape_name]
        kind = shape["type"]

        if shape.get("document") or rust in FREE_JSON:
            if not (shape.get("document") and rust in FREE_JSON):
                self.problem(at, f"is {shape_name} at AWS and {rust} here")
        elif shape.get("exception"):
            self.exception(shape)
        elif kind == "structure":
            self.structure(shape_name, shape, rust, at)
        elif kind in ("list", "map"):
            item = generic("Vec" if kind == "list" else "BTreeMap", rust)
            if item is None:
                self.problem(at, f"is a {kind} at AWS and {rust} here")
            else:
                self.compare(shape["member" if kind == "list" else "value"]["shape"], item, at)
        elif rust in self.types and self.types[rust].kind == "string_enum":
            if kind != "string":
                self.problem(at, f"is a {kind} at AWS and the names {rust} here")
            for value in shape.get("enum", []):
                self.members += 1
                if value not in self.types[rust].members:
                    self.problem(at, f"has the value {value!r}, which {rust} does not name")
        elif rust not in SCALARS.get(kind, set()):
            self.problem(at, f"is a {kind} at AWS and {rust} here")

    def structure(self, shape_name, shape, rust, at):
        ours = self.types.get(rust)
        wanted = "union" if shape.get("union") or shape.get("eventstream") else "object"
        if ours is None or ours.kind != wanted:
            found = f"the {ours.kind} {rust}" if ours else f"{rust}, which has no declaration,"
            self.problem(at, f"is the {wanted} {shape_name} at AWS and {found} here")
        if ours is None or (shape_name, rust) in self.seen:
            return
        self.seen.add((shape_name, rust))
        for name, member in shape["members"].items():
            if member.get("location"):
                continue  # It stands in the URL or in a header.
            self.members += 1
            here = f"{shape_name}.{name}"
            if self.shapes[member["shape"]].get("exception"):
                if name not in self.exception_names:
                    self.problem(here, "is an exception that exception.rs does not name")
                self.compare(member["shape"], "Exception", here)
            elif name not in ours.members:
                self.problem(here, f"has no member in {rust}")
            else:
                self.compare(member["shape"], ours.members[name], here)

    def exception(self, shape):
        """All exceptions have one type here, whose members are read by hand."""
        for name in shape["members"]:
            self.members += 1
            if name not in self.exception_names:
                self.problem(f"exception.{name}", "is not read in exception.rs")

    def problem(self, at, what):
        self.problems.append(f"{at}: {what}")


def aws_shapes():
    try:
        import botocore
        from botocore.loaders import Loader
    except ImportError:
        fail("botocore is missing: python -m pip install botocore")
    model = Loader().load_service_model("bedrock-runtime", "service-2")
    return model["shapes"], botocore.__version__


def rust_types(folder):
    """Every type that the macros declare, by name, and `Event`."""
    files = sorted(folder.rglob("*.rs"))
    if not files:
        fail(f"{folder}: no Rust sources here")
    types = {}
    for file in files:
        source = re.sub(r"//[^\n]*", "", read(file))
        for declared in macro_types(source, file):
            if declared.name in types:
                fail(f"{file}: {declared.name} is declared twice")
            types[declared.name] = declared
    types["Event"] = event_type(read(the_file(folder, "event.rs")))
    for root in ROOTS.values():
        if root not in types:
            fail(f"{folder}: {root} is not declared")
    return types


def macro_types(source, file):
    for found in re.finditer(r"^(object|union|string_enum)!\s*(?=\{)", source, re.MULTILINE):
        body = braced(source, found.end())
        head = re.search(r"\b(?:struct|enum)\s+(\w+)[^{]*(?=\{)", body)
        if not head:
            fail(f"{file}: cannot read a declaration of {found[1]}!")
        declared = RustType(found[1], head[1])
        for member in split(braced(body, head.end())):
            # name => field: Type, name => Variant(Type), or name => Variant
            read_member = re.search(r'"([^"]+)"\s*=>\s*\w+\s*(?::\s*(.+)|\((.+)\))?$', member, re.DOTALL)
            if not read_member:
                fail(f"{file}: cannot read a member of {declared.name}: {member}")
            declared.members[read_member[1]] = read_member[2] or read_member[3]
        yield declared


def event_type(source):
    """`Event` is written by hand: a variant counts as an event if its name is a literal in the file."""
    source = re.sub(r"//[^\n]*", "", source)
    head = re.search(r"pub enum Event\s*(?=\{)", source)
    if not head:
        fail("event.rs: cannot find the enum Event")
    event = RustType("union", "Event")
    for variant, inner in re.findall(r"(\w+)\(([^)]+)\)", braced(source, head.end())):
        name = variant[0].lower() + variant[1:]
        if f'"{name}"' in source:
            event.members[name] = inner
    return event


def unwrapped(rust):
    """The type without wrappers that do not affect the JSON."""
    rust = re.sub(r"\s+", "", rust)
    while wrapped := re.fullmatch(r"(?:Option|Box)<(.+)>", rust):
        rust = wrapped[1]
    return rust


def generic(name, rust):
    """The item type of a list, or the value type of a map with string keys; None for any other type."""
    found = re.fullmatch(name + (r"<String,(.+)>" if name == "BTreeMap" else r"<(.+)>"), rust)
    return found and found[1]


def braced(source, start):
    """The text inside the braces that open at `start`."""
    depth = 0
    for end in range(start, len(source)):
        depth += {"{": 1, "}": -1}.get(source[end], 0)
        if depth == 0:
            return source[start + 1 : end]
    fail("a brace is not closed")


def split(body):
    """The members of a declaration: the parts between commas outside of brackets."""
    depth, member, members = 0, "", []
    for character in body.replace("=>", "\0"):
        depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(character, 0)
        if character == "," and depth == 0:
            members.append(member)
            member = ""
        else:
            member += character
    members.append(member)
    return [text.replace("\0", "=>").strip() for text in members if text.strip()]


def the_file(folder, name):
    """The only file of this name, in any folder."""
    found = list(folder.rglob(name))
    if len(found) != 1:
        fail(f"{folder}: {len(found)} files are called {name}, not one")
    return found[0]


def read(file):
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        fail(str(error))


def fail(why):
    print(why, file=sys.stderr)
    raise SystemExit(2)


if __name__ == "__main__":
    raise SystemExit(main())
