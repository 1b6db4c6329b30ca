"""What an alert should look like in each format, from its own JSON and the table of names: {name: value}. How a value is
written is worked out here once more, from zonetap-alerts(5) and the words of the formats."""
import datetime
import unicodedata

SEVERITIES = ('info', 'low', 'medium', 'high', 'critical')
SYSLOG = dict(zip(SEVERITIES, (6, 5, 4, 3, 2)))
CEF = dict(zip(SEVERITIES, (1, 3, 5, 8, 10)))
ECS = dict(zip(SEVERITIES, (21, 21, 47, 73, 99)))
OCSF = dict(zip(SEVERITIES, (1, 2, 3, 4, 5)))
OCSF_WORD = dict(zip(SEVERITIES, ('Informational', 'Low', 'Medium', 'High', 'Critical')))
TRANSPORTS = {1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp'}


def unsafe(c):
    n = ord(c)
    return n < 0x20 or 0x7f <= n < 0xa0 or unicodedata.category(c) in ('Zl', 'Zp') or n in (0x61c, 0x180e, 0xfeff) or \
        0x200b <= n <= 0x200f or 0x202a <= n <= 0x202e or 0x2060 <= n <= 0x206f or 0xfff9 <= n <= 0xfffb or \
        0xe0000 <= n <= 0xe007f


def clean(s):
    s = s.replace('\0', '\ufffd')
    return ''.join(''.join(f'\\x{b:02x}' for b in c.encode()) if unsafe(c) else c for c in s)


def at(alert, path):
    for part in path.split('.'):
        if not isinstance(alert, dict) or part not in alert:
            return None
        alert = alert[part]
    return alert if alert != '' else None


def nanoseconds(text):
    whole = datetime.datetime.strptime(text[:19] + '+0000', '%Y-%m-%dT%H:%M:%S%z')
    return int(whole.timestamp()) * 10**9 + int(text[20:29])


def time(ns, fmt):
    if fmt in ('cef', 'ocsf'):
        return ns // 10**6
    text = datetime.datetime.fromtimestamp(ns // 10**9, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S')
    if fmt == 'leef':
        return f'{text}.{ns // 10**6 % 1000:03}+0000'
    return f'{text}.{ns // 1000 % 10**6:06}Z' if fmt == 'rfc5424' else f'{text}.{ns % 10**9:09}Z'


def outcome(alert):
    word = at(alert, 'outcome')
    return word and {'accepted': 'success', 'pending': 'success', 'refused': 'failure'}.get(word, 'unknown')


def activity(alert):
    return 1 if alert['rev'] <= 1 else 3 if alert.get('ended') else 2


ACTIVITY = {1: 'Create', 2: 'Update', 3: 'Close'}


def severity(alert, fmt, name):
    s = alert['severity']
    if (fmt, name) == ('leef', 'sev'):
        return CEF[s]
    if name == 'event.severity':
        return ECS[s]
    if name == 'severity_id':
        return OCSF[s]
    return OCSF_WORD[s] if fmt == 'ocsf' else s


def addresses(alert, fmt, name, side):
    ip = at(alert, side + '.ip')
    if not ip or fmt != 'cef':
        return ip
    return ip if (':' in ip) == name.startswith('c6a') else None


def techniques(alert, member, fmt, name):
    attacks = alert.get('attack', [])
    if fmt not in ('ecs', 'ocsf'):
        return ','.join(a['id'] for a in attacks) or None
    if name.split('.')[0] in ('ot', 'unmapped'):
        return [a['id_legacy'] for a in attacks if a.get('id_legacy')] or None
    key, sub = member.split('.')[1], 'sub' in name
    out = []
    for a in attacks:
        whole = '.' in a['id']
        if key == 'id':
            out.append(a['id'] if sub and whole else a['id'].split('.')[0] if not sub else None)
        elif key == 'version':
            out.append(a.get('version'))
        else:
            out.append(a.get('name') if sub == whole else None)
    return out if fmt == 'ocsf' else [v for v in out if v] or None


def action(alert):
    return at(alert, 'act') or at(alert, 'op') or at(alert, 'class') or alert['rule']


def status(alert):
    s = alert.get('status')
    if not s:
        return None
    return f"{s['name']} (0x{s['code']:02x})" if s.get('name') else f"0x{s['code']:02x}"


def transport(alert, fmt, name):
    n = at(alert, 'flow.ip_proto')
    if n is None:
        return None
    if name == 'network.iana_number':
        return str(n)
    if name.endswith('protocol_num'):
        return n
    if name.endswith('direction_id'):
        return 0
    word = TRANSPORTS.get(n)
    return word and ('ICMP' if n == 58 else word.upper() if (fmt in ('cef', 'leef')) else word)


def classes(alert, name):
    traffic = 'client' in alert or 'server' in alert
    return (['intrusion_detection', 'network'] if traffic else ['host']) if name == 'event.category[]' else None


def ocsf_lifecycle(alert, name):
    a = activity(alert)
    return {'activity_id': a, 'activity_name': ACTIVITY[a], 'type_uid': 200400 + a,
            'type_name': 'Detection Finding: ' + ACTIVITY[a], 'is_alert': a != 3}[name]


def joined(words, fmt):
    if not words:
        return None
    return ','.join(words) if fmt not in ('ecs', 'ocsf') else words


def zones(alert):
    a, b = at(alert, 'client.zone'), at(alert, 'server.zone')
    return f"{a or '?'} -> {b or '?'}" if a or b else None


SKIP = object()                         # not compared: made from parts that are compared elsewhere

SPECIAL = {
    'severity': severity,
    'uid-rev': lambda a, f, n: f"{a['uid']}-{a['rev']}",
    'class': lambda a, f, n: [at(a, 'class') or a['rule']] if n.endswith('[]') else at(a, 'class') or a['rule'],
    'ts': lambda a, f, n: time(nanoseconds(a['last_seen']), f),
    'first_seen': lambda a, f, n: time(nanoseconds(a['first_seen']), f),
    'last_seen': lambda a, f, n: time(nanoseconds(a['last_seen']), f),
    'client.ip': lambda a, f, n: SKIP if n == 'related.ip[]' else addresses(a, f, n, 'client'),
    'server.ip': lambda a, f, n: SKIP if n == 'related.ip[]' else addresses(a, f, n, 'server'),
    'client.asset': lambda a, f, n: SKIP if n == 'related.hosts[]' else at(a, 'client.asset'),
    'server.asset': lambda a, f, n: SKIP if n == 'related.hosts[]' else at(a, 'server.asset'),
    'outcome': lambda a, f, n: SKIP if n == 'event.type[]' else outcome(a) if n in ('outcome', 'event.outcome') and f in
    ('cef', 'ecs') else at(a, 'outcome'),
    'proto or flow.app': lambda a, f, n: at(a, 'proto') or at(a, 'flow.app'),
    'flow.ip_proto': transport,
    'op and act': lambda a, f, n: ' '.join(w for w in (at(a, 'op'), at(a, 'act')) if w) or None,
    'act, op or class': lambda a, f, n: action(a),
    'count': lambda a, f, n: a.get('count', 1),
    'sensor': lambda a, f, n: at(a, 'sensor') or 'sensor',
    'func.code': lambda a, f, n: at(a, 'func.code'),
    'target': lambda a, f, n: SKIP,
    'value': lambda a, f, n: SKIP,
    'status': lambda a, f, n: status(a),
    'anomalies': lambda a, f, n: ','.join(a.get('anomalies', [])) or None,
    'client.zone and server.zone': lambda a, f, n: zones(a),
    'attack': lambda a, f, n: 'MITRE ATT&CK' if a.get('attack') else None,
    'iec62443': lambda a, f, n: joined(a.get('iec62443'), f),
    'also': lambda a, f, n: joined(a.get('also'), f),
    'client or server': lambda a, f, n: classes(a, n),
    'rev and ended': lambda a, f, n: ocsf_lifecycle(a, n),
    'ended': lambda a, f, n: {'status_id': 99 if a.get('ended') else 1, 'status': 'Ended' if a.get('ended') else
                              'New'}.get(n, bool(a.get('ended'))),
    "name of the sensor's host": lambda a, f, n: 'ot-sensor-1',
    'time of sending': lambda a, f, n: SKIP,
    'id in the outbox': lambda a, f, n: SKIP,
}


def value(alert, member, fmt, name):
    """As the format should have it, before its own spelling of numbers; None: nothing; SKIP: not for this test."""
    if member.startswith('attack.'):
        return techniques(alert, member, fmt, name)
    if member in SPECIAL:
        return SPECIAL[member](alert, fmt, name)
    v = at(alert, member)
    return None if member.startswith('evidence.') and v == 0 else v
