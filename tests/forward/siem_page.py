#!/usr/bin/env python3
"""zonetap-siem(5): its table of names is the program's, and its examples are what the program prints.

`siem_page.py --write` puts both into the page anew."""
import json
import os
import re
import subprocess
import sys

import lines

PAGE = os.path.join(lines.top, 'man', 'zonetap-siem.5')
CAPTURE, RULE = 'bottling-line.pcap', 'plc-stop'
FORMATS = ('rfc5424', 'cef', 'leef', 'ecs', 'ocsf', 'json')
WIDTH = 72
ROFF = {'\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti'}


def alert():
    """The last revision of the alert that the page shows, as it is stored."""
    run = subprocess.run([lines.zonetap, 'replay', '--format', 'jsonl', '--site', os.path.join(lines.top, 'rules', 'site.example.yaml'),
                          os.path.join(lines.top, 'pcaps', 'demo', CAPTURE)], stdout=subprocess.PIPE, timeout=300, check=True)
    return next(a for a in run.stdout.splitlines() if json.loads(a)['rule'] == RULE)


def shown(raw):
    """As the page shows it: without the byte order mark, tabs visible, in lines that fit."""
    text, out = raw.decode().replace('\ufeff', '').replace('\t', '^I'), []
    while len(text) > WIDTH:
        cut = max((i for i in range(WIDTH // 2, WIDTH + 1) if text[i] == ' ' or text[i - 1] == ',' or text[i:i + 2] == '^I'),
                  default=WIDTH)
        out.append(text[:cut])
        text = text[cut:]
    return out + [text]


def roff(text):
    text = ''.join(ROFF.get(c, c if ord(c) < 127 else f'\\[u{ord(c):04X}]') for c in text)
    return '\\&' + text if text[:1] == '.' else text


def example(fmt, raw):
    return '.Bd -literal -offset Ds\n' + '\n'.join(map(roff, shown(raw))) + '\n.Ed\n'


def run_shown(page):
    """The hash of the run in the page's example: it changes with every rule and site, and says nothing there."""
    m = re.search(r'(?s)example json: begin\n(.*?)example json: end', page)
    m = re.search(r'"run":"([0-9a-f]{64})"', m.group(1).replace('\n', '')) if m else None
    return m and m.group(1).encode()


def parts(run_shown_there):
    """What stands between the marks of the page: {mark: text}."""
    raw = alert()
    if run_shown_there:
        raw = re.sub(rb'(?<="run":")[0-9a-f]{64}', run_shown_there, raw)
    out = {f'example {fmt}': example(fmt, lines.formatted([raw], fmt)[0]) for fmt in FORMATS}
    run = subprocess.run([lines.lines_program, 'mapping', 'man'], stdout=subprocess.PIPE, timeout=60, check=True, text=True)
    out['mapping'] = run.stdout
    return out


def main():
    with open(PAGE, encoding='utf-8') as f:
        page = f.read()
    for mark, text in parts(run_shown(page)).items():
        m = re.search(rf'(?s)(\.\\" {mark}: begin\n)(.*?)(\.\\" {mark}: end\n)', page)
        if len(sys.argv) > 1:
            page = page[:m.start(2)] + text + page[m.end(2):]
        else:
            lines.report(m is not None and m.group(2) == text, f'zonetap-siem(5): {mark}',
                         'tests/forward/siem_page.py --write puts it in anew; wanted:\n' + text)
    if len(sys.argv) > 1:
        with open(PAGE, 'w', encoding='utf-8') as f:
            f.write(page)
        return 0
    return lines.done()


sys.exit(main())
