"""Stands in for the recogniser: sleeps, dies or answers as the picture says."""

import json
import sys
import time

from weidai.vision import frames

while (head := frames.read_frame(sys.stdin.buffer)) is not None:
    picture = frames.read_frame(sys.stdin.buffer) or b""
    if picture == b"die":
        sys.exit(3)
    if picture.startswith(b"sleep"):
        time.sleep(float(picture[5:]))
    sys.stdout.buffer.write(frames.packed(json.dumps({"echo": json.loads(head)["kind"], "size": len(picture)}).encode()))
    sys.stdout.buffer.flush()
