"""Running a node, and others beside it, until somebody stops it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections

from parkbench.lib import reports
from parkbench.lib.errors import Refused
from parkbench.records.queries import own_home
from parkbench.site import node
from parkbench.site.serving.starting import alone, bring_up_to_date, check_is_founded, check_port
from parkbench.site.serving.supervisor import Child, Supervisor, loopback_of


def run_node(*, host: str, port: int, beside: Sequence[Child] = ()) -> int:
    """This function will serve this node, with the processes beside it, until Ctrl-C; returns the exit code.

    Raises Refused when the port cannot be used, or the folder is in use.
    """
    if not 1 <= port <= 65_535:
        raise Refused(f"A port is a number from 1 to 65535, not {port}.")
    with node.private_files(), alone():
        check_port(host, port)
        for sentence in bring_up_to_date():
            reports.say(sentence)
        check_is_founded()
        here = own_home()
        connections.close_all()

        def ready() -> None:
            reports.say(
                f"{here.name} runs at http://{loopback_of(host)}:{port}/ (its address: {here.address}). "
                "Stop it with Ctrl-C."
            )

        supervisor = Supervisor(host=host, port=port, say=reports.aside, on_ready=ready, beside=beside)
        return supervisor.run()
