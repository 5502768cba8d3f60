"""Holds a log to aics-tlog: its checkpoint, every tile and bundle, that it grew, and our own proofs.

aics.py FOLDER: log/ with the log, key.pub, old with an older checkpoint, proofs with a line for each
proof: the index and the hashes in base64.
"""

import base64
import pathlib
import sys

import aics_tlog as tlog
from aics_tlog.tiles import materialise_tiles, parse_entry_bundle

folder = pathlib.Path(sys.argv[1])
log = folder / "log"
key = tlog.parse_vkey((folder / "key.pub").read_text().strip())


def checkpoint(path):
    found = tlog.verify_checkpoint(tlog.parse_note(path.read_bytes()), key)
    assert found.ok, found.error
    return found


now, old = checkpoint(log / "checkpoint"), checkpoint(folder / "old")
reader = tlog.FileSystemTileReader(log)
audit = tlog.audit_tiles(reader, now.size, now.root)
proof = tlog.consistency_proof_from_tiles(reader, old.size, now.size)
assert tlog.verify_consistency(old.size, now.size, old.root, now.root, proof), "it grew otherwise"

leaves = []
for index in range(0, now.size, 256):
    width = min(256, now.size - index)
    bundle = reader.read_entry_bundle(index // 256, None if width == 256 else width)
    leaves += parse_entry_bundle(bundle)
# The tiles that it would have made, byte by byte.
for path, data in materialise_tiles(leaves).items():
    assert (log / path).read_bytes() == data, path

proofs = (folder / "proofs").read_text().splitlines()
for line in proofs:
    index, *hashes = line.split()
    hashes = [base64.b64decode(hash) for hash in hashes]
    assert tlog.verify_leaf_inclusion(leaves[int(index)], int(index), now.size, hashes, now.root), index
print(now.origin, now.size, audit.tiles, audit.bundles, len(proofs))
