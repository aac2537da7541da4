"""Somebody who corrects one instrument every 100 ms until told to stop; tells how long each write took."""

from __future__ import annotations

import json
import sys
import threading
import time
from uuid import uuid4

import django

django.setup()

from django.db import DatabaseError  # noqa: E402

from parkbench.instruments import services  # noqa: E402
from parkbench.lib.urn import record_id  # noqa: E402
from parkbench.programme.services import make_missing  # noqa: E402
from parkbench.records.queries import own_address  # noqa: E402
from parkbench.records.visibility import Viewer  # noqa: E402

BY = Viewer.operator()
PAUSE = 0.1


def main() -> None:
    """Write until a line comes in."""
    unit = make_missing(kind="unit", names=["Editing"], by=BY)["Editing"]
    ref = record_id(node=own_address(), kind="unit", uid=unit)
    uid = uuid4()
    services.write(new=[(uid, {"name": "Edited", "unit_ref": ref, "model_text": "Zeiss LSM 980"}, {})], by=BY)
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.readline(), stop.set()), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    writes, failed, number = [], [], 0
    while not stop.wait(PAUSE):
        number += 1
        began, start = time.time(), time.perf_counter()
        try:
            services.edit(uid=uid, values={"notes": f"Note {number}"}, by=BY)
        except DatabaseError as error:
            failed.append(str(error))
        writes.append((began, time.perf_counter() - start))
    sys.stdout.write(json.dumps({"writes": writes, "failed": failed}))


main()
