#!/usr/bin/env python3
"""ECS and OCSF against tables of what they publish, and the native JSON against what was stored."""
import datetime
import ipaddress
import json
import os
import re
import sys

import expected
import lines
import parsers


def table(name):
    out = {}
    for row in open(os.path.join(lines.top, 'tests', 'forward', name), encoding='utf-8'):
        if row[0] != '#':
            path, kind, rule, words = row.rstrip('\n').split('\t')
            out[path] = (kind, rule, None if words == '-' else words.split(','))
    return out


def twice(pairs):
    if len({k for k, _ in pairs}) != len(pairs):
        raise parsers.Wrong(f'a name comes twice: {[k for k, _ in pairs]}')
    return dict(pairs)


def load(line):
    """One line of JSON with nothing in it that a screen or a file of lines would stumble over."""
    parsers.plain_text(line)
    return json.loads(line, object_pairs_hook=twice)


def leaves(o, path=''):
    if isinstance(o, dict):
        for k, v in o.items():
            yield from leaves(v, f'{path}.{k}' if path else k)
    elif isinstance(o, list) and o and isinstance(o[0], dict):
        for v in o:
            yield from leaves(v, path + '[]')
    else:
        yield path, o


def is_ip(v):
    try:
        return bool(ipaddress.ip_address(v))
    except ValueError:
        return False


def is_int(low, high):
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def is_date(v):
    m = isinstance(v, str) and re.fullmatch(r'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{9}Z', v)
    return m and datetime.datetime.fromisoformat(m.group(1))


def is_text(v):
    return isinstance(v, str) and v != ''


TYPES = {
    # Elasticsearch
    'keyword': lambda v: is_text(v) and len(v.encode()) <= 1024, 'match_only_text': is_text, 'ip': is_ip, 'date': is_date,
    'long': is_int(-2**63, 2**63 - 1), 'float': lambda v: isinstance(v, (int, float)), 'boolean': lambda v: v in (True, False),
    # OCSF
    'string': is_text, 'integer': is_int(-2**63, 2**63 - 1), 'timestamp': is_int(10**12, 10**13 - 1), 'port': is_int(0, 65535),
    'mac': lambda v: re.fullmatch(r'([0-9a-f]{2}:){5}[0-9a-f]{2}', v),
    'string[]': lambda v: isinstance(v, list) and v and all(map(is_text, v)),
}


def typed(path, v, kind, words):
    if not TYPES[kind](v):
        return [f'{path} is not {kind}: {v!r}']
    return [] if words is None or str(v) in words else [f'{path} is not one of its words: {v!r}']


def check_ecs(doc, fields):
    bad = []
    for path, v in leaves(doc):
        if path not in fields:
            bad.append(f'{path} is not a field')
            continue
        kind, normal, words = fields[path]
        if (normal == 'array') != isinstance(v, list):
            bad.append(f'{path} is a list where it should not be, or none where it should')
        for one in v if isinstance(v, list) else [v]:
            bad += typed(path, one, kind, words)
        if isinstance(v, list) and (not v or len(set(v)) != len(v)) and path.startswith('event.'):
            bad.append(f'{path} has a word twice or none')
    for path in ('@timestamp', 'ecs.version', 'event.kind', 'event.category', 'event.type', 'event.id', 'message', 'rule.id'):
        if path not in dict(leaves(doc)):
            bad.append(f'{path} is missing')
    for side in ('source', 'destination'):
        mac = doc.get(side, {}).get('mac')
        if mac and not re.fullmatch(r'([0-9A-F]{2}-){5}[0-9A-F]{2}', mac):
            bad.append(f'{side}.mac: {mac}')
    return bad


def check_ocsf(doc, attributes):
    bad, here = [], set()
    for path, v in leaves(doc):
        here.add(path)
        if path.startswith('unmapped.'):
            if path.count('.') > 1 or not isinstance(v, (str, int, float, bool, list)) or v == '':
                bad.append(f'{path}: {v!r}')
        elif path not in attributes:
            bad.append(f'{path} is not an attribute')
        else:
            bad += typed(path, v, attributes[path][0], attributes[path][2])
    objects = {p[:i] for p in here for i in range(len(p)) if p[i] == '.'}
    for path, (_, rule, _) in attributes.items():
        needed = rule == 'required' and (path.rsplit('.', 1)[0] in objects or '.' not in path)
        if (needed or (rule.startswith('with:') and rule[5:] in objects)) and path not in here:
            bad.append(f'{path} is required')
    for needed in ('finding_info.uid', 'metadata.version', 'metadata.product.vendor_name'):
        if needed not in here:
            bad.append(f'{needed} is required')
    if doc['type_uid'] != doc['class_uid'] * 100 + doc['activity_id'] or not re.fullmatch(r'\d+\.\d+\.\d+', doc['metadata']['version']):
        bad.append('type_uid or version')
    for e in doc.get('evidences', []):
        bad += [f'{k} has no address and no name' for k in ('src_endpoint', 'dst_endpoint') if k in e and not {'ip', 'name'} & set(e[k])]
    return bad


def members(doc, name, fmt):
    """What stands at a path of the mapping."""
    if name.endswith('[]'):
        name = name[:-2]
    steps, at = name.split('.'), [doc]
    for step in steps:
        key = re.sub(r'\[.\]|\[\]', '', step)
        at = [o.get(key) if isinstance(o, dict) else None for o in at]
        if step != key:
            at = [e for o in at if o is not None for e in o]
    return at if '[*]' in name else at[0] if at else None


def compare(alert, doc, fmt, rows):
    bad = []
    for member, name, note in rows:
        if member == '':
            got = members(doc, name, fmt)
            if (note not in got if isinstance(got, list) else str(got) != note):
                bad.append(f'{name}: {got!r}, not {note!r}')
            continue
        want, got = expected.value(alert, member, fmt, name), members(doc, name, fmt)
        if want is expected.SKIP:
            continue
        if member in ('client.mac', 'server.mac') and want and fmt == 'ecs':
            want = want.upper().replace(':', '-')
        want = expected.clean(want) if isinstance(want, str) else want
        want = [expected.clean(w) if isinstance(w, str) else w for w in want] if isinstance(want, list) else want
        if '[*]' in name:
            want, got = [w for w in want if w is not None], [g for g in got if g is not None]
        if got != want and not (isinstance(got, str) and isinstance(want, str) and got.endswith('…') and want.startswith(got[:-1])):
            bad.append(f'{name}: got {got!r}, want {want!r}')
    return bad


def lists_of_ecs(alert, doc):
    """What several rows add to."""
    out = []
    for path, member in (('ip', 'ip'), ('hosts', 'asset')):
        want = [expected.clean(v) for v in (expected.at(alert, f'{side}.{member}') for side in ('client', 'server')) if v]
        if doc.get('related', {}).get(path, []) != want:
            out.append(f'related.{path}: {doc.get("related")}, not {want}')
    types = ['info'] + {'success': ['allowed'], 'failure': ['denied']}.get(expected.outcome(alert), [])
    return out + ([] if doc['event']['type'] == types else [f"event.type: {doc['event']['type']}"])


def check_all(name, alerts, rows):
    fields, attributes = table('ecs_fields.tsv'), table('ocsf_attributes.tsv')
    for fmt in ('ecs', 'ocsf'):
        bad = []
        for alert, line in zip(alerts, lines.formatted(alerts, fmt)):
            try:
                doc = load(line)
                wrong = check_ecs(doc, fields) + lists_of_ecs(alert, doc) if fmt == 'ecs' else check_ocsf(doc, attributes)
                wrong += compare(alert, doc, fmt, rows[fmt])
            except (parsers.Wrong, ValueError) as e:
                wrong = [repr(e)]
            bad += [f'{w}\n  in {line[:300]!r}' for w in wrong[:3]]
        lines.report(not bad, f'{fmt}: {len(alerts)} {name}', '\n'.join(bad[:6]))


def native(alerts):
    """The same value, whatever is in it; of a line that is as it was stored, the same bytes."""
    text = [json.dumps(a, ensure_ascii=False, separators=(',', ':')).encode('utf-8') for a in alerts]
    bad = []
    for was, now in zip(text, lines.formatted(text, 'json')):
        try:
            if load(now) != json.loads(was):
                bad.append(now)
        except (parsers.Wrong, ValueError) as e:
            bad.append(f'{e}: {now!r}')
    lines.report(not bad, f'json: {len(alerts)} alerts have the value that they had', '\n'.join(map(str, bad[:3])))
    spaced = [json.dumps(a, indent='\t').replace('\n', ' \r').encode() for a in alerts[:100]]
    out = lines.formatted(spaced, 'json')
    lines.report(all(json.loads(a) == json.loads(b) and not re.search(rb'[\x00-\x1f]', b) for a, b in zip(spaced, out)),
                 'json: blanks between values do not end a line')


def stored():
    run = lines.of_captures()
    text = [json.dumps(a, separators=(',', ':'), ensure_ascii=False).encode() for a in run]
    lines.report(lines.formatted(text, 'json') == text, 'json: the alerts of the captures byte for byte')


def behind_headers(alerts):
    """Over syslog an object is MSG; one that is longer than a record may be is not sent, cut it would be no object."""
    bad = []
    for fmt in ('ecs', 'ocsf', 'json'):
        bare = lines.formatted(alerts, fmt)
        for line, obj in zip(lines.formatted(alerts, fmt, 'syslog'), bare):
            m = parsers.rfc5424(line)
            bad += [] if m['sd'] == {} and json.loads(m['msg']) == json.loads(obj) else [line]
        for line, obj in zip(lines.formatted(alerts, fmt, 'max=1024'), bare):
            bad += [] if (line == b'! too large') == (len(obj) > 1024) else [line]
    lines.report(not bad, 'ecs, ocsf, json: behind a syslog header, whole or not at all', '\n'.join(map(str, bad[:3])))


def main():
    rows = lines.mapping()
    captures, made, hostile = lines.of_captures(), lines.made(), lines.hostile()
    check_all('alerts of the captures', captures, rows)
    check_all('alerts of other kinds', made, rows)
    check_all('hostile alerts', hostile, rows)
    native(captures + made + hostile)
    stored()
    behind_headers(captures + made)
    return lines.done()


sys.exit(main())
