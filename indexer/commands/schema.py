"""`sop schema`: print the JSON Schema of front matter."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of front matter, for editors and other programs.

    For example:

        sop schema > front-matter.schema.json
    """
    from indexer.front_matter_schema import front_matter_schema

    print(json.dumps(front_matter_schema(), indent=2, ensure_ascii=False))
