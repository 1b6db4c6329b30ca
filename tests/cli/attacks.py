#!/usr/bin/env python3
"""The attacks in public captures are found, and captures without any stay quiet.

The captures are not part of this tree: ZONETAP_ORACLE names their folder."""
import json
import os
import subprocess
import sys

top = os.environ['top_srcdir']
zonetap = os.environ['ZONETAP']
here = os.path.join(top, 'tests', 'cli')
oracle = os.environ.get('ZONETAP_ORACLE') or os.path.join(top, '..', 'shared', 'oracle')
captures = os.path.join(oracle, 'captures')

# Above `low` without a site is right for these: each holds an operation that changes a device.
LOUD = {row.split('\t')[0] for row in open(os.path.join(here, 'attacks.tsv'), encoding='utf-8') if row[0] != '#'}
LOUD |= {'modbus/suricata-verify-modbus.pcap', 'enip-cip/enip_cip_example.pcap', 's7comm-plus/LocalPCAP-plc.pcap'}
PROTOCOLS = ('modbus', 's7comm', 's7comm-plus', 'enip-cip')

count = 0


def report(good, name, detail=''):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for line in detail.splitlines() if not good else ():
        print('#', line)


def replay(capture, site=None):
    command = [zonetap, 'replay', '--format', 'jsonl', os.path.join(captures, capture)]
    if site:
        command[2:2] = ['--site', os.path.join(here, site)]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def one_row(row, runs):
    capture, site, rule, client, server, outcome, words = row.rstrip('\n').split('\t')
    site = None if site == '-' else site
    if (capture, site) not in runs:
        runs[capture, site] = replay(capture, site)
    alerts = runs[capture, site]
    found = [a for a in alerts if a['rule'] == rule and a['client']['ip'] == client and a['server']['ip'] == server]
    good = len(found) == 1 and (outcome == '-' or found[0].get('outcome') == outcome) and words in found[0]['text']
    report(good, f'{capture}: {rule} by {client}', f'wanted: {outcome}, "{words}"\ngot:\n' + '\n'.join(
        f"{a['rule']} {a['client']['ip']} -> {a['server']['ip']} {a.get('outcome')} {a['text']}" for a in alerts))


def main():
    if not os.path.isdir(captures):
        print(f'1..0 # SKIP the public captures are not there ({captures})')
        return 0
    runs = {}
    for row in open(os.path.join(here, 'attacks.tsv'), encoding='utf-8'):
        if row[0] != '#':
            one_row(row, runs)
    for folder in PROTOCOLS:
        for name in sorted(os.listdir(os.path.join(captures, folder))):
            capture = f'{folder}/{name}'
            if capture in LOUD:
                continue
            loud = [a for a in replay(capture) if a['severity'] not in ('info', 'low')]
            report(not loud, f'{capture} stays quiet', '\n'.join(f"{a['rule']}: {a['text']}" for a in loud))
    print(f'1..{count}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
