"""The members that the fake Bedrock lets a request have are those of AWS's own model.

Usage: python shapes.py      (botocore must be importable)
Compares src/validation/shapes.rs, and prints each difference. Exits 0 if there is none.
"""

import re
import sys
from pathlib import Path

import botocore.session

TABLE = Path(__file__).resolve().parent.parent / "src/validation/shapes.rs"
SHAPE = re.compile(r"static (\w+): Shape =\s*&\[(.*?)\];", re.DOTALL)
MEMBER = re.compile(r'\("(\w+)", (Any|Of|MapOf)(?:\(&(\w+)\))?\)')


def inside(shape):
    """What stands inside a member of this shape, as the table says it."""
    if shape.type_name == "list":
        return inside(shape.member)
    if shape.type_name == "map":
        kind, of = inside(shape.value)
        return ("MapOf", of) if kind == "Of" else ("Any", None)
    is_object = shape.type_name == "structure" and not getattr(shape, "is_document_type", False)
    return ("Of", shape) if is_object else ("Any", None)


def main():
    table = {name: {m: (kind, of) for m, kind, of in MEMBER.findall(body)} for name, body in SHAPE.findall(TABLE.read_text())}
    root = botocore.session.Session().get_service_model("bedrock-runtime").operation_model("ConverseStream").input_shape
    compared, differences = set(), []

    def compare(shape, name):
        if (shape.name, name) in compared:
            return
        compared.add((shape.name, name))
        # The model id stands in the path.
        members = {member: of for member, of in shape.members.items() if member != "modelId"}
        differences.extend(f"{shape.name}.{member}" for member in sorted(members.keys() ^ table[name].keys()))
        for member in members.keys() & table[name].keys():
            (kind, of), (our_kind, our_of) = inside(members[member]), table[name][member]
            if kind != our_kind:
                differences.append(f"{shape.name}.{member}: {kind} at AWS, {our_kind} here")
            elif of is not None:
                compare(of, our_of)

    compare(root, "REQUEST")
    for difference in differences:
        print(f"FAILED  {difference}")
    print(f"{len(compared)} shapes compared, {len(differences)} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
