"""The process that acts for the second sample node: an act a line in, what came of it a line out, as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from parkbench.lib.errors import Refused

REFUSAL = "refusal"
"""The name under which an answer carries the sentence of a refusal."""


class Other:
    """Speaks with the process of another node; ended by `close`, and with us."""

    def __init__(self, surroundings: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "parkbench.site.demo.other", str(os.getpid())]
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **surroundings},
            text=True,
            start_new_session=True,
        )

    def begin(self, act: str, **arguments: Any) -> None:
        """Ask for an act without waiting for it."""
        if self.process.stdin is None:
            raise Refused("The second sample node takes no orders.")
        self.process.stdin.write(json.dumps({"act": act, "with": arguments}) + "\n")
        self.process.stdin.flush()

    def result(self) -> dict[str, Any]:
        """Return what came of the act that was begun last; raise Refused with its sentence when it failed."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise Refused("The process of the second sample node ended; the lines above say why.")
        answer: dict[str, Any] = json.loads(line)
        if REFUSAL in answer:
            raise Refused(answer[REFUSAL])
        return answer

    def ask(self, act: str, **arguments: Any) -> dict[str, Any]:
        """Have an act done and return what came of it; raise Refused as `result` does."""
        self.begin(act, **arguments)
        return self.result()

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.communicate()


def main() -> None:
    """Act for the node that PARKBENCH_HOME names, until the input ends."""
    import django  # noqa: PLC0415 - only this process sets Django up here

    from parkbench.site.serving.lineage import die_with  # noqa: PLC0415

    die_with(int(sys.argv[1]))
    # Whatever else writes to the standard output must not stand between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbench.site.settings")
    django.setup()
    from parkbench.site.demo.acts import ACTS  # noqa: PLC0415 - Django must be set up first

    for line in sys.stdin:
        asked = json.loads(line)
        try:
            done: dict[str, Any] = ACTS[asked["act"]](**asked["with"])
        except Refused as refusal:
            done = {REFUSAL: refusal.sentence}
        answers.write(json.dumps(done) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
