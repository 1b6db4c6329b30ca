#!/usr/bin/env python3
"""seed.py CAPTURE OUTFOLDER: every TCP conversation and every UDP pair of a capture as an input of the dissector
targets (the format is in README.md), cut to the first chunks. Seeds for a new corpus; minimise.sh thins them out."""
import os
import struct
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden'))
from recut import read_pcap, read_pcapng

CHUNKS = 12


def main(capture, out):
    with open(capture, 'rb') as f:
        raw = f.read()
    talks = {}
    for f in read_pcapng(raw) if raw[:4] == b'\n\r\r\n' else read_pcap(raw):
        if f.ip is None or f.proto not in (6, 17):
            continue
        d, l4 = f.data, f.l4
        ends = ((bytes(d[f.ip + 8:f.ip + 24] if f.v6 else d[f.ip + 12:f.ip + 16]), d[l4:l4 + 2]),
                (bytes(d[f.ip + 24:f.ip + 40] if f.v6 else d[f.ip + 16:f.ip + 20]), d[l4 + 2:l4 + 4]))
        payload = f.payload if f.proto == 6 else d[l4 + 8:f.end]
        if not payload:
            continue
        key = (f.proto,) + tuple(sorted(ends))
        first, chunks = talks.setdefault(key, (ends[0], []))
        flags = (0 if ends[0] == first else 1) | (4 if f.proto == 17 else 0)
        chunks.append(struct.pack('>BH', flags, len(payload)) + payload)
    os.makedirs(out, exist_ok=True)
    stem = os.path.basename(capture).split('.')[0]
    for i, (_, chunks) in enumerate(talks.values()):
        for at in range(0, len(chunks), CHUNKS):
            with open(os.path.join(out, '%s-%d-%d' % (stem, i, at // CHUNKS)), 'wb') as f:
                f.write(b''.join(chunks[at:at + CHUNKS])[:4096])


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
