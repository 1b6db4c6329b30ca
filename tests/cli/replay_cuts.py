#!/usr/bin/env python3
"""However TCP was cut, the same alerts: all but their place and time."""
import json
import os
import subprocess
import sys
import tempfile

top = os.environ['top_srcdir']
zonetap = os.environ['ZONETAP']
CAPTURES = ('demo/bottling-line.pcap', 's7comm/blocks.pcap', 'modbus/order.pcap', 'enip/engineering.pcap')
MODES = ('bytes', 'reorder', 'mirror', 'retransmit', 'boundaries')
PLACE_AND_TIME = ('uid', 'first_seen', 'last_seen', 'evidence', 'run')


def alerts(capture):
    command = [zonetap, 'replay', '--format', 'jsonl', '--site', os.path.join(top, 'rules', 'site.example.yaml'), capture]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=False)
    kept = []
    for line in run.stdout.splitlines():
        alert = json.loads(line)
        kept.append({k: v for k, v in alert.items() if k not in PLACE_AND_TIME})
    return kept


def main():
    cuts = [(c, m) for c in CAPTURES for m in MODES if os.path.exists(os.path.join(top, 'pcaps', c))]
    whole = {}
    print(f'1..{len(cuts)}')
    with tempfile.TemporaryDirectory() as folder:
        for n, (name, mode) in enumerate(cuts, 1):
            capture, cut = os.path.join(top, 'pcaps', name), os.path.join(folder, 'cut.pcap')
            subprocess.run([sys.executable, os.path.join(top, 'tests', 'golden', 'recut.py'), mode, capture, cut], check=True)
            whole.setdefault(name, alerts(capture))
            got = alerts(cut)
            print(f"{'ok' if got == whole[name] else 'not ok'} {n} - {name}, {mode}: {len(got)} alerts")
            for want, have in zip(whole[name], got):
                if want != have:
                    print('# want', {k: v for k, v in want.items() if have.get(k) != v})
                    print('# got ', {k: v for k, v in have.items() if want.get(k) != v})
    return 0


if __name__ == '__main__':
    sys.exit(main())
