"""What the tests of formats share: alerts of the tree's captures, hostile alerts, the programs, TAP."""
import copy
import glob
import json
import os
import subprocess

top = os.environ['top_srcdir']
build = os.environ['top_builddir']
zonetap = os.environ['ZONETAP']
lines_program = os.path.join(build, 'tests', 'forward', 'format_lines')
count = failures = 0


def report(good, name, detail=''):
    global count, failures
    count += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    for line in str(detail).splitlines()[:30] if not good else ():
        print('#', line[:1500])


def done():
    print(f'1..{count}')
    return 1 if failures else 0


def formatted(alerts, fmt, *options):
    """Each alert (an object, or JSON in bytes) as one line of bytes."""
    text = b'\n'.join(a if isinstance(a, bytes) else json.dumps(a).encode() for a in alerts) + b'\n'
    run = subprocess.run([lines_program, fmt, *options], input=text, stdout=subprocess.PIPE, timeout=300, check=True)
    out = run.stdout.split(b'\n')
    assert out.pop() == b''
    assert len(out) == len(alerts), f'{len(out)} lines of {len(alerts)} alerts'
    return out


def mapping():
    """(member, name, label or constant) by format."""
    run = subprocess.run([lines_program, 'mapping', 'table'], stdout=subprocess.PIPE, timeout=60, check=True, text=True)
    out = {}
    for line in run.stdout.splitlines():
        member, fmt, name, note = line.split('\t')
        out.setdefault(fmt, []).append((member, name, note))
    return out


def of_captures():
    """The alerts of all captures of the tree, with a site where the capture is a plant's."""
    alerts = []
    for capture in sorted(glob.glob(os.path.join(top, 'pcaps', '*', '*.pcap'))):
        site = ['--site', os.path.join(top, 'rules', 'site.example.yaml')] if '/demo/' in capture else []
        run = subprocess.run([zonetap, 'replay', '--format', 'jsonl', *site, capture], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, timeout=300, check=False)
        alerts += [json.loads(line) for line in run.stdout.splitlines()]
    return alerts


def made():
    """Alerts of kinds that no capture has: of the sensor itself, over IPv6, with places, of a listening sensor."""
    base = {'uid': '0123456789abcdef0123456789abcdef', 'rev': 1, 'rule': 'r', 'title': 't', 'class': 'c', 'severity': 'info',
            'count': 1, 'first_seen': '2026-03-02T07:10:00.062900001Z', 'last_seen': '2026-03-02T07:10:01.999999999Z',
            'ended': False, 'sensor': 'line-3', 'site': 'bottling-3', 'text': 'Something.'}
    end = {'port': 40000, 'mac': '00:1d:9c:aa:bb:cc', 'segment': 'line-3', 'zone': 'cell-1', 'level': 1, 'asset': 'plc-1',
           'role': 'plc', 'geo': {'country': 'DE', 'name': 'Germany'}, 'asn': {'number': 64500, 'org': 'Example'}}
    return [
        dict(base, health={'kind': 'loss', 'name': 'eth1', 'value': 5000, 'limit': 1000}),
        dict(base, severity='critical', rev=7, ended=True, client=dict(end, ip='2001:db8::1'),
             server=dict(end, ip='2001:db8::2', level=3.5), flow={'ip_proto': 17, 'app': 'dns', 'server_port': 53},
             evidence={'interface': 'eth0'}),
        dict(base, severity='high', rev=2, client=dict(end, ip='192.0.2.1'), server={'ip': '192.0.2.2'}, proto='modbus',
             op='write', act='force', func={'code': 5, 'name': 'write_single_coil'}, unit=0, outcome='refused',
             status={'code': 2}, anomalies=['bad_count', 'trailing_bytes'], also=['x', 'y'], iec62443=['SR 2.1', 'SR 5.2'],
             attack=[{'id': 'T1692.001', 'id_legacy': 'T0855', 'name': 'A', 'version': '19'},
                     {'id': 'T0836', 'name': 'B', 'version': '19'}],
             evidence={'capture': 'a.pcap', 'sha256': '0' * 64, 'first_frame': 1, 'last_frame': 2}),
        {k: base[k] for k in ('uid', 'rev', 'rule', 'title', 'severity', 'text', 'first_seen', 'last_seen')},
    ]


def nasty():
    """Text that would break a record that is put together carelessly."""
    return [f'a{chr(c)}b' for c in range(256)] + [
        '"] [x@1 a="', ']"', '"', ']', '[', '\\', '\\\\', 'a\\', 'a\\"', '\\]', '\\n', '\n<13>1 - - - - - - x', '\r\n', 'x\n\ty',
        '|', '\\|', '||CEF:0|a|b|c|d|e|10|', '=', '\\=', ' src=10.0.0.1', ' src=10.0.0.1 act=blocked', 'a =b', ' ', '  ',
        '\tsev=10\tsrc=10.0.0.1', '0x09', '^', '"}{"', '","uid":"x', '{', '</script>', '%n%s', '${jndi:ldap://x}', '\u2028', '\u2029',
        '\u202ereversed\u202c', '\u2066a\u2069', '\u061c', '\ufeff', '\ufeffx', '\u200b', '\u2060', '\ufff9', '\U000e0041', '\u00ad',
        '\ue000', '\ufffd', '\ufffe', '\uffff', '\U0001f600', '\U0010ffff', 'e\u0301', 'a\x00b\x00', '\x1b[2J', '\x9b2J',
        'é' * 100, '…']


TEXTS = ('rule', 'title', 'class', 'text', 'sensor', 'site', 'run', 'proto', 'op', 'act', 'func.name', 'target.tag', 'target.path',
         'target.space', 'target.route', 'outcome', 'status.name', 'client.zone', 'client.asset', 'client.role', 'client.segment',
         'client.geo.country', 'client.geo.name', 'client.asn.org', 'server.zone', 'server.asset', 'server.role', 'server.geo.name',
         'server.asn.org', 'flow.app', 'evidence.capture', 'evidence.interface', 'evidence.sha256', 'health.kind', 'health.name')


def put(alert, path, text):
    where = alert
    for part in path.split('.')[:-1]:
        where = where.setdefault(part, {})
    where[path.split('.')[-1]] = text


def hostile():
    """Every nasty text in all members at once, and some in each alone."""
    base = made()[2]
    out = []
    for text in nasty():
        alert = copy.deepcopy(base)
        for path in TEXTS:
            put(alert, path, text)
        alert['iec62443'] = alert['also'] = alert['anomalies'] = [text]
        alert['attack'] = [{'id': text, 'name': text, 'id_legacy': text, 'version': text}]
        out.append(alert)
    for text in ('"] [x@1 a="', '\\', ' src=10.0.0.1', '\tsev=10', '|', '\n', '\u202e', '\0'):
        for path in TEXTS:
            out.append(copy.deepcopy(base))
            put(out[-1], path, text)
    return out
