#!/usr/bin/env python3
"""Applications of conversations that no dissector decodes, and where public addresses are."""
import json
import os
import struct
import subprocess
import sys
import tempfile

top = os.environ['top_srcdir']
zonetap = os.environ['ZONETAP']
sys.path.insert(0, os.path.join(top, 'tests', 'lib'))
import mmdb  # noqa: E402

office = os.path.join(top, 'pcaps', 'classify', 'office.pcap')
site = os.path.join(top, 'tests', 'golden', 'classify', 'office.flows.site.yaml')
# client, server, port: application, category, risks that must be among those told
WANT = {
    ('10.20.30.40', '192.168.2.10', 22): ('ssh', 'remote_access', set()),
    ('10.20.30.40', '192.168.1.20', 5900): ('vnc', 'remote_access', set()),
    ('192.168.2.10', '93.184.216.34', 80): ('http', 'web', set()),
    ('192.168.2.10', '93.184.216.34', 443): ('tls', 'encrypted', set()),
    ('192.168.2.10', '192.168.2.20', 8080): ('http', 'web', {'cleartext_credentials'}),
    ('192.168.1.10', '20.50.80.210', 1883): ('mqtt', 'messaging', set()),
    ('192.168.2.10', '10.20.30.53', 53): ('dns', 'network', set()),
    ('192.168.2.10', '8.8.8.8', 53): ('dns', 'network', set()),
    ('10.20.30.40', '192.168.1.20', 21): ('ftp', 'file_sharing', {'cleartext_credentials'}),
    ('192.168.2.10', '10.20.30.40', 445): ('smb', 'file_sharing', set()),
    ('10.20.30.40', '192.168.2.10', 3389): ('rdp', 'remote_access', set()),
    ('192.168.2.10', '192.168.1.10', 7777): (None, None, set()),
}
# rule, client, server of the alerts that the site and the shipped rules must make of it
ALERTS = {
    ('remote-access', '10.20.30.40', '192.168.1.20'), ('remote-access', '10.20.30.40', '192.168.2.10'),
    ('office-traffic', '192.168.2.10', '93.184.216.34'), ('mqtt-internet', '192.168.1.10', '20.50.80.210'),
    ('cleartext-credentials', '192.168.2.10', '192.168.2.20'), ('cleartext-credentials', '10.20.30.40', '192.168.1.20'),
    ('dns-stranger', '192.168.2.10', '8.8.8.8'), ('other-traffic', '192.168.2.10', '10.20.30.40'),
    ('other-traffic', '192.168.2.10', '192.168.1.10'),
}
count = 0


def report(good, name, detail=''):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for line in str(detail).splitlines() if not good else ():
        print('#', line)


def skip(name, why):
    global count
    count += 1
    print(f'ok {count} - {name} # SKIP {why}')


def run(*words):
    r = subprocess.run([zonetap, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    return r.returncode, r.stdout, r.stderr


def flows(*words):
    lines = run('events', '--format', 'jsonl', '--flows', *words)[1].splitlines()
    return [e for e in map(json.loads, lines) if 'flow' in e]


def ends(e):
    c, s = (e['src'], e['dst']) if e['client'] == 'src' else (e['dst'], e['src'])
    return c['ip'], s['ip'], e['flow'].get('server_port')


def alerts(*words):
    return [json.loads(line) for line in run('replay', '--format', 'jsonl', '--rules', os.path.join(top, 'rules'), *words)[1].splitlines()]


def packets(path):
    raw = open(path, 'rb').read()
    at = 24
    while at < len(raw):
        size = struct.unpack_from('<I', raw, at + 8)[0]
        yield raw[at:at + 16], raw[at + 16:at + 16 + size]
        at += 16 + size


def subset(path, keep):
    with open(path, 'wb') as out:
        out.write(open(office, 'rb').read()[:24])
        for i, (head, frame) in enumerate(packets(office)):
            if keep(i, frame):
                out.write(head + frame)


def ports(frame):
    at = 14 + (frame[14] & 15) * 4
    return struct.unpack_from('>HH', frame, at)


def with_conduit(folder, allow):
    path = os.path.join(folder, 'site.yaml')
    text = open(site, encoding='utf-8').read().replace('allow: [app == ssh]', f"allow: ['{allow}']")
    open(path, 'w', encoding='utf-8').write(text)
    return path


def recognised():
    said = {ends(e): e for e in flows(office)}
    report(set(said) == set(WANT), 'a line for each conversation', sorted(said))
    for key, (app, category, risks) in WANT.items():
        flow = said.get(key, {}).get('flow', {})
        good = flow.get('app') == app and flow.get('category') == category and risks <= set(flow.get('risk', []))
        report(good, f'{key[0]} to {key[1]}:{key[2]} is {app}', flow)
    report(flows(office, '--workers', '4') == flows(office), 'the same with four workers')
    one = {ends(e)[2] for e in flows('--filter', 'app in {rdp, vnc}', office)}
    report(one == {3389, 5900}, 'a filter by application', one)
    one = {ends(e)[2] for e in flows('--filter', 'app.category == web && app.risk == cleartext_credentials', office)}
    report(one == {8080}, 'a filter by category and risk', one)


def judged(folder):
    said = {(a['rule'], a['client']['ip'], a['server']['ip']) for a in alerts('--site', site, office)}
    report(ALERTS <= said, 'the rules of convergence speak', ALERTS - said)
    ssh = [a for a in alerts('--site', site, office) if a.get('flow', {}).get('app') == 'ssh']
    report(not ssh, 'a conduit that allows ssh keeps them quiet about it', ssh)
    other = with_conduit(folder, 'app in {rdp, smb}')
    said = {a['rule']: a['flow'] for a in alerts('--site', other, office) if a['server'].get('port') in (22, 3389) and 'app' in a.get('flow', {})}
    report(set(said) == {'remote-access'} and said['remote-access']['app'] == 'ssh', 'and one that allows rdp, about rdp alone', said)


def from_the_middle(folder):
    """The session began before the capture: its port is all there is."""
    path = os.path.join(folder, 'middle.pcap')
    ssh = [i for i, (_, frame) in enumerate(packets(office)) if 22 in ports(frame)]
    subset(path, lambda i, frame: 22 in ports(frame) and i > ssh[len(ssh) // 2])
    said = flows(path)
    good = len(said) == 1 and 'app' not in said[0]['flow'] and said[0]['flow'].get('guess') == 'ssh'
    report(good, 'what began earlier is only guessed', said)
    report(flows('--filter', 'app == ssh', path) == [], 'and a guess is no application')
    report(len(flows('--filter', 'app.guess == ssh', path)) == 1, 'but can be asked for')
    quiet = [a['rule'] for a in alerts('--site', site, path) if a['rule'] in ('other-traffic', 'remote-access')]
    report(quiet == [], 'a conduit that allows ssh has it pass', quiet)
    loud = [a['rule'] for a in alerts('--site', with_conduit(folder, 'app == rdp'), path)]
    report('other-traffic' in loud and 'remote-access' not in loud, 'one that does not has it denied, and no rule names it', loud)


def new_service(folder):
    """A machine that was seen for hours offers what it never offered."""
    path = os.path.join(folder, 'later.pcap')
    with open(path, 'wb') as out:
        out.write(open(office, 'rb').read()[:24])
        for later, wanted in ((0, 22), (7200, 22), (7200, 3389)):
            for head, frame in packets(office):
                if wanted in ports(frame):
                    seconds = struct.unpack_from('<I', head)[0] + later
                    out.write(struct.pack('<I', seconds) + head[4:] + frame)
    said = [a for a in alerts('--site', site, path) if a['rule'] == 'new-service']
    good = len(said) == 1 and said[0]['server']['port'] == 3389 and said[0]['flow'].get('app') == 'rdp'
    report(good, 'a new service of a known machine', said)


def mistakes():
    status, _, err = run('events', '--filter', 'app == rpd', office)
    report(status == 2 and "did you mean 'rdp'?" in err, 'a slip in the name of an application', err)
    status, _, err = run('events', '--flows', '--format', 'csv', office)
    report(status == 2 and '--flows has no columns in CSV' in err, 'no flows as CSV', err)


def geography(folder):
    countries, networks = os.path.join(folder, 'c.mmdb'), os.path.join(folder, 'n.mmdb')
    mmdb.write(countries, [('93.184.0.0/16', {'country': {'iso_code': 'US', 'names': {'en': 'United States'}}}),
                           ('20.0.0.0/8', {'country': {'iso_code': 'IE', 'names': {'en': 'Ireland'}}}),
                           ('192.168.0.0/16', {'country': {'iso_code': 'XX'}})])
    mmdb.write(networks, [('93.184.216.0/24', {'autonomous_system_number': 15133, 'autonomous_system_organization': 'Edgecast'})])
    both = ['--geo', networks, '--geo', countries]
    rules = os.path.join(folder, 'geo.yaml')
    open(rules, 'w', encoding='utf-8').write(
        'rules:\n  - {id: abroad, title: t, class: c, severity: high, when: "flow.new && server.geo.country in {US, IE} && '
        'client.zone == scada", group: [server.org]}\n')
    said = run('replay', '--format', 'jsonl', '--site', site, '--rules', rules, *both, office)
    said = [json.loads(line) for line in said[1].splitlines()]
    server = said[0]['server'] if said else {}
    report(len(said) == 1 and said[0]['rule'] == 'abroad', 'a rule about a country', said)
    report(server.get('geo') == {'country': 'US', 'name': 'United States'}, 'the country on the alert', server)
    report(server.get('asn') == {'number': 15133, 'org': 'Edgecast'}, 'the network on the alert', server)
    report('geo' not in (said[0]['client'] if said else {'geo': 0}), 'nothing on a private address', said)
    status, out, err = run('replay', '--geo', os.path.join(folder, 'nothing.mmdb'), office)
    report(status == 0 and err.count('\n') == 1 and 'nothing.mmdb: cannot be read' in err, 'a file that is not there: one line', err)
    status, out, err = run('replay', '--geo', site, office)
    report(status == 0 and err.count('\n') == 1 and 'it is left out' in err, 'a file that is no database: one line', err)
    one = {ends(e)[1] for e in flows('--filter', 'flow.decided && server.geo.country == IE', *both, office)}
    report(one == {'20.50.80.210'}, 'a filter by country', one)


def main():
    versions = dict(line.split(' ', 1) for line in run('--version')[1].splitlines())
    with tempfile.TemporaryDirectory() as folder:
        if versions['nDPI'] == 'not built in':
            skip('applications', 'built without nDPI')
            said = flows(office)
            report(all('app' not in e['flow'] for e in said) and len(said) == len(WANT), 'without nDPI nothing is recognised', said)
        else:
            recognised()
            judged(folder)
            from_the_middle(folder)
            new_service(folder)
        mistakes()
        if versions['libmaxminddb'] == 'not built in':
            skip('countries and networks', 'built without libmaxminddb')
            _, _, err = run('replay', '--geo', site, office)
            report('built without libmaxminddb' in err and err.count('\n') == 1, '--geo without the library: one line', err)
        else:
            geography(folder)
    print(f'1..{count}')


main()
