#!/usr/bin/env python3
"""RFC 5424, CEF and LEEF: what is written is read back by strict parsers, and every member is where the table says."""
import json
import sys

import expected
import lines
import parsers


def wanted(alert, fmt, table):
    """{name: text} of the structured data, extension or attributes."""
    out = {}
    for member, name, note in table[fmt]:
        v = note if member == '' else expected.value(alert, member, fmt, name)
        if v is None or v is expected.SKIP:
            continue
        text = str(v).lower() if isinstance(v, bool) else f'{v:g}' if isinstance(v, float) else str(v)
        out[name] = expected.clean(text)
        if fmt == 'cef' and note:
            out[name + 'Label'] = note
    return out


def is_cut(got, want):
    return got.endswith('…') and want.startswith(got[:-1]) and len(got.encode()) >= 20


def compare(alert, got, want, fmt, table):
    """What differs, in words."""
    skipped = {name for member, name, note in table[fmt]
               if member and expected.value(alert, member, fmt, name) is expected.SKIP}
    bad = [f'{n}: got {got.get(n)!r}, want {w!r}' for n, w in want.items()
           if got.get(n) != w and not is_cut(got.get(n, ''), w)]
    more = set(got) - set(want) - skipped - {n + 'Label' for n in skipped}
    return bad + [f'{n} should not be there: {got[n]!r}' for n in more]


def header(alert, m):
    word = ''.join(c if 0x20 < ord(c) < 0x7f else '_' * len(c.encode()) for c in
                   (alert.get('class') or alert['rule']).replace('\0', '\ufffd'))[:32]
    pri = 16 * 8 + expected.SYSLOG[alert['severity']]
    good = (m['pri'], m['host'], m['app'], m['proc'], m['msgid']) == (pri, 'ot-sensor-1', 'zonetap', '-', word)
    good = good and m['time'] == expected.time(expected.nanoseconds(alert['last_seen']), 'rfc5424')
    return [] if good else [f'the header: {m}']


def check_rfc5424(alert, line, table, version):
    m = parsers.rfc5424(line)
    bad = header(alert, m)
    if set(m['sd']) != {'zonetap@32473', 'origin'} or m['sd']['origin'] != {'software': 'zonetap', 'swVersion': version}:
        bad.append(f"elements: {m['sd'].keys()}")
    if m['msg'] != expected.clean(alert['text']):
        bad.append(f"MSG: {m['msg']!r}")
    return bad + compare(alert, m['sd']['zonetap@32473'], wanted(alert, 'rfc5424', table), 'rfc5424', table)


def check_cef(alert, line, table, version):
    m = parsers.cef(line)
    want = ('zonetap', 'zonetap', version, expected.clean(alert['rule']), expected.clean(alert['title']),
            expected.CEF[alert['severity']])
    got = tuple(m[k] for k in ('vendor', 'product', 'version', 'id', 'name', 'severity'))
    return ([] if got == want else [f'header: got {got}, want {want}']) + \
        compare(alert, m['ext'], wanted(alert, 'cef', table), 'cef', table)


def check_leef(alert, line, table, version):
    m = parsers.leef(line)
    want = ('zonetap', 'zonetap', version, expected.clean(alert['rule']).replace('|', '_'))
    got = tuple(m[k] for k in ('vendor', 'product', 'version', 'id'))
    return ([] if got == want else [f'header: got {got}, want {want}']) + \
        compare(alert, m['attributes'], wanted(alert, 'leef', table), 'leef', table)


CHECKS = {'rfc5424': check_rfc5424, 'cef': check_cef, 'leef': check_leef}


def check_all(name, alerts, fmt, table, version):
    bad = []
    for alert, line in zip(alerts, lines.formatted(alerts, fmt)):
        try:
            wrong = CHECKS[fmt](alert, line, table, version)
        except parsers.Wrong as e:
            wrong = [f'the parser: {e}']
        bad += [f'{w}\n  of {json.dumps(alert)[:300]}\n  in {line[:300]!r}' for w in wrong[:3]]
    lines.report(not bad, f'{fmt}: {len(alerts)} {name}', '\n'.join(bad[:6]))


def with_header(alerts):
    """CEF and LEEF behind a header of RFC 5424: the same record is its MSG."""
    for fmt, parser in (('cef', parsers.cef), ('leef', parsers.leef)):
        bad = []
        for alert, line, bare in zip(alerts, lines.formatted(alerts, fmt, 'syslog'), lines.formatted(alerts, fmt)):
            head, msg = line[:-len(bare)], line[-len(bare):]
            m = parsers.rfc5424(head + b'x')
            bad += header(alert, m) + ([] if m['sd'] == {} and m['msg'] == 'x' and msg == bare else [line])
            parser(msg)
        lines.report(not bad, f'{fmt}: {len(alerts)} behind a syslog header', '\n'.join(map(str, bad[:3])))


def essentials(fmt, line):
    if fmt == 'rfc5424':
        m = parsers.rfc5424(line)
        return m['sd']['zonetap@32473'], m['msg'], m['sd']['zonetap@32473'].get('truncated') == 'true'
    if fmt == 'cef':
        ext = parsers.cef(line)['ext']
        return {'uid': ext.get('externalId')}, ext.get('msg', ''), True
    a = parsers.leef(line)['attributes']
    return a, a.get('msg', ''), True


def in_short(alerts):
    """No record is longer than it may be, each is whole, and says which alert it is and something of what happened."""
    for fmt in CHECKS:
        for most in (480, 600, 1024, 2048, 8192):
            bad = []
            whole = lines.formatted(alerts, fmt)
            for alert, line, full in zip(alerts, lines.formatted(alerts, fmt, f'max={most}'), whole):
                if len(full) <= most:
                    bad += [] if line == full else [f'cut for nothing: {line!r}']
                    continue
                try:
                    params, msg, marked = essentials(fmt, line)
                except parsers.Wrong as e:
                    bad.append(f'{e}: {line!r}')
                    continue
                if len(line) > most or params.get('uid') != alert['uid'] or not msg or not marked:
                    bad.append(f'{len(line)} bytes, {msg!r}, {marked}, {params.get("uid")}: {line!r}')
            lines.report(not bad, f'{fmt}: {len(alerts)} in {most} bytes', '\n'.join(bad[:4]))


def long_texts():
    """Longer than a member is told: cut between two characters, with a mark."""
    alerts = []
    for text in ('x' * 5000, 'é' * 3000, 'a' + 'é' * 3000, '€' * 2000, '😀' * 1500, '"' * 3000, '\\' * 3000, '\n' * 2000, ']=|' * 1000):
        a = dict(lines.made()[2], title=text, text=text)
        a['target'] = {'space': 'block', 'tag': text}
        alerts.append(a)
    for fmt in CHECKS:
        bad = []
        for alert, line in zip(alerts, lines.formatted(alerts, fmt)):
            try:
                got = {'rfc5424': lambda x: parsers.rfc5424(x)['sd']['zonetap@32473']['target'],
                       'cef': lambda x: parsers.cef(x)['ext']['cs4'],
                       'leef': lambda x: parsers.leef(x)['attributes']['target']}[fmt](line)
            except parsers.Wrong as e:
                bad.append(str(e))
                continue
            want = expected.clean('block ' + alert['target']['tag'])
            if not got.endswith('…') or not want.startswith(got[:-1]) or len(got) < 100:
                bad.append(got)
        lines.report(not bad, f'{fmt}: long texts are cut at a character, with a mark', '\n'.join(bad))


def refused():
    """What is no alert gives one sentence, in one line."""
    good = json.dumps(lines.made()[0])
    cases = [b'', b'{}', b'[]', b'null', b'{"uid":', good.encode() + b'x', b'\xff' + good.encode(), good.replace('"t"', '"\\ud800"').encode(),
             good.replace('t"', 't\\"').encode()[:-1], good.replace('"rev": 1', '"rev": "1"').encode(),
             good.replace('"rev": 1', '"rev": -1').encode(), good.replace('"rev": 1', '"rev": 1, "rev": 1').encode(),
             good.replace('"info"', '"urgent"').encode(), good.replace('"uid": "0', '"uid": " 0').encode(),
             good.replace('"count": 1', '"count": 1.5').encode(), good.replace('"count": 1', '"count": 99999999999999999999').encode(),
             good.replace('"count": 1', '"client": []').encode(), good.replace('"count": 1', '"client": {"ip": "x"}').encode(),
             good.replace('"count": 1', '"client": {"port": 65536}').encode(),
             good.replace('"count": 1', '"client": {"mac": "00:11"}').encode(), good.replace('2026-03-02T', '2026-13-02T').encode(),
             good.replace('"count": 1', '"attack": [1]').encode(), good.replace('"count": 1', '"x": ' + '[' * 50 + ']' * 50).encode(),
             good.replace('"count": 1', '"x": [' + '0,' * 20000 + '0]').encode(),
             b'{"uid":"' + b'a' * (1 << 20) + b'"}', good.replace('"count": 1', '"x\n": 1').encode().replace(b'\n', b'\x01')]
    out = lines.formatted(cases, 'rfc5424')
    bad = [f'{c[:200]!r}: {o[:300]!r}' for c, o in zip(cases, out) if not o.startswith(b'! the alert') or len(o) > 300]
    lines.report(not bad, f'{len(cases)} objects that are no alerts are refused', '\n'.join(bad))


def main():
    table = lines.mapping()
    captures, made, hostile = lines.of_captures(), lines.made(), lines.hostile()
    version = parsers.rfc5424(lines.formatted(made[:1], 'rfc5424')[0])['sd']['origin']['swVersion']
    for fmt in CHECKS:
        check_all('alerts of the captures', captures, fmt, table, version)
        check_all('alerts of other kinds', made, fmt, table, version)
        check_all('hostile alerts', hostile, fmt, table, version)
    with_header(captures + made)
    in_short(captures + made + hostile)
    long_texts()
    refused()
    return lines.done()


sys.exit(main())
