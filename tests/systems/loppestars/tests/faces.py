#!/usr/bin/env python3
"""Asks a running API for the two faces on the sample: tests/faces.py http://127.0.0.1:8080 [PICTURE]"""

import importlib.machinery
import importlib.util
import json
import pathlib
import sys
import urllib.request

# Its name has no .py
server = pathlib.Path(__file__).parent.parent / "models-server"
loader = importlib.machinery.SourceFileLoader("models_server", str(server))
sys.dont_write_bytecode = True
models_server = importlib.util.module_from_spec(importlib.util.spec_from_loader("models_server", loader))
loader.exec_module(models_server)

picture = pathlib.Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else models_server.sample()
with urllib.request.urlopen(urllib.request.Request(f"{sys.argv[1]}/photos", picture), timeout=30) as answer:
    found = json.load(answer)
print(json.dumps(found))
faces = sorted((face["left"], face["top"], face["size"]) for face in found["faces"])
assert faces == [(40, 60, 64), (180, 150, 96)], faces
