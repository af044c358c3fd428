"""Holds an ML-BOM against CycloneDX's own schema, as the Python library of CycloneDX brings it.

Usage: bom.py FILE
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import fastjsonschema

SCHEMAS = Path(find_spec("cyclonedx").origin).parent / "schema" / "_res"


def schema(uri):
    """A schema that the schema of BOMs refers to, by its file's name."""
    return json.loads((SCHEMAS / uri.rsplit("/", 1)[-1]).read_text())


bom = json.loads(Path(sys.argv[1]).read_text())
of_bom = json.loads((SCHEMAS / f"bom-{bom['specVersion']}.SNAPSHOT.schema.json").read_text())
fastjsonschema.compile(of_bom, handlers={"http": schema})(bom)
refs = [component["bom-ref"] for component in bom["components"]]
assert len(refs) == len(set(refs)), "a reference stands twice"
for dependency in bom["dependencies"]:
    assert set(dependency["dependsOn"]) <= set(refs), "a dependency is on nothing"
