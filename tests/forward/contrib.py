#!/usr/bin/env python3
"""What contrib/ gives to receivers, held against what is sent to them."""
import configparser
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

import lines


def read(*path):
    with open(os.path.join(lines.top, 'contrib', *path), encoding='utf-8') as f:
        return f.read()


def leaves(o, path=''):
    if isinstance(o, dict):
        for k, v in o.items():
            yield from leaves(v, f'{path}.{k}' if path else k)
    elif isinstance(o, list):
        for v in o:
            yield from leaves(v, path)
    else:
        yield path, o


def mapped(properties, path=''):
    for name, field in properties.items():
        here = f'{path}.{name}' if path else name
        if 'properties' in field:
            yield from mapped(field['properties'], here)
        else:
            yield here, field


def elasticsearch(alerts):
    template = json.loads(read('elasticsearch', 'index-template.json'))
    mappings = template['template']['mappings']
    fields = dict(mapped(mappings['properties']))
    lines.report(mappings['dynamic'] is False and 'data_stream' in template, 'elasticsearch: explicit mapping of a data stream')
    limit = template['template']['settings']['index']['mapping']['total_fields']['limit']
    lines.report(len(fields) < limit, 'elasticsearch: below its own limit of fields', f'{len(fields)} of {limit}')
    takes = {'keyword': str, 'match_only_text': str, 'ip': str, 'date': str, 'long': int, 'float': (int, float), 'boolean': bool}
    unknown, wrong, seen = set(), [], set()
    for line in lines.formatted(alerts, 'ecs'):
        for path, value in leaves(json.loads(line)):
            seen.add(path)
            field = fields.get(path)
            if field is None:
                unknown.add(path)
            elif not isinstance(value, takes[field['type']]) or (field['type'] == 'long' and value > 2 ** 63 - 1):
                wrong.append((path, value, field['type']))
    lines.report(not unknown, 'elasticsearch: every field that is sent is in the mapping', sorted(unknown))
    lines.report(not wrong, 'elasticsearch: and every value is of its type', wrong[:5])
    sent = {name for _, name, _ in lines.mapping()['ecs']}
    extra = {f for f in fields if f not in seen and f not in {s.replace('[]', '') for s in sent}}
    lines.report(not extra, 'elasticsearch: nothing is mapped that is never sent', sorted(extra))
    unbounded = [f for f, d in fields.items() if d['type'] == 'keyword' and 'ignore_above' not in d]
    lines.report(not unbounded, 'elasticsearch: long words are not indexed', unbounded)


def splunk(alerts):
    conf = configparser.RawConfigParser(delimiters=('=',))
    conf.optionxform = str
    conf.read_string(read('splunk', 'props.conf'))
    lines.report(conf.sections() == ['zonetap:alert'], 'splunk: one source type')
    have = {path for alert in alerts for path, _ in leaves(alert)}
    named = set()
    for key, value in conf['zonetap:alert'].items():
        if key.startswith('FIELDALIAS-'):
            named.update(re.findall(r'(\S+) AS \S+', value))
        elif key.startswith('EVAL-'):
            value = re.sub(r'"[^"]*"', '', value)
            named.update(re.findall(r"'([^']+)'", value))
            named.update(re.findall(r'\b(severity|outcome)\b', value))
    lost = {n for n in named if n.replace('{}', '') not in have}
    lines.report(named and not lost, 'splunk: every field that is named is sent', sorted(lost))


def fits(value, kind):
    return {'string': lambda v: isinstance(v, str), 'int': lambda v: isinstance(v, int) and v < 2 ** 31,
            'long': lambda v: isinstance(v, int) and v < 2 ** 63, 'boolean': lambda v: isinstance(v, bool),
            'datetime': lambda v: re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z', v),
            'dynamic': lambda v: isinstance(v, (dict, list))}[kind](value)


def sentinel(alerts):
    table = json.loads(read('sentinel', 'table.json'))['properties']['schema']
    rule = json.loads(read('sentinel', 'dcr.json'))['properties']
    (stream, declared), = rule['streamDeclarations'].items()
    columns = {c['name']: c['type'] for c in declared['columns']}
    flow, = rule['dataFlows']
    lines.report(flow['streams'] == [stream] and flow['outputStream'] == 'Custom-' + table['name'] and table['name'].endswith('_CL'),
                 'sentinel: the rule leads from its stream to the table')
    unknown = {k for a in alerts for k in a if k not in columns}
    lines.report(not unknown, 'sentinel: every member that is sent is declared', sorted(unknown))
    wrong = [(k, v, columns[k]) for a in alerts for k, v in a.items() if k in columns and not fits(v, columns[k])]
    lines.report(not wrong, 'sentinel: and of its type', wrong[:5])
    kql = flow['transformKql']
    lines.report(kql.startswith('source | project '), 'sentinel: the transformation is a projection')
    made = {}
    for part in re.split(r', (?![^(\[]*[)\]])', kql[len('source | project '):]):
        name, _, expression = part.partition(' = ')
        made[name] = expression or name
    have = {c['name'] for c in table['columns']}
    lines.report(set(made) == have, 'sentinel: it makes the columns of the table', sorted(set(made) ^ have))
    sources = {re.match(r'(?:\w+\(|\[")?(\w+)', e).group(1) for e in made.values()}
    lines.report(sources <= set(columns), 'sentinel: from what is declared', sorted(sources - set(columns)))
    lines.report(any(c == {'name': 'TimeGenerated', 'type': 'datetime'} for c in table['columns']), 'sentinel: with a time')


def holds(selection, flat):
    """One selection of a Sigma rule: every field has one of the values given."""
    for field, want in selection.items():
        want = want if isinstance(want, list) else [want]
        if not any(v.lower() == str(w).lower() for v in flat.get(field, []) for w in want):
            return False
    return True


def sigma(alerts):
    try:
        import yaml
    except ImportError:
        print(f'ok {lines.count + 1} - sigma # SKIP python3-yaml is not installed')
        lines.count += 1
        return
    rule = yaml.safe_load(read('sigma', 'ot_write_from_enterprise.yml'))
    needed = {'title', 'id', 'status', 'description', 'logsource', 'detection', 'level', 'date', 'tags', 'falsepositives'}
    lines.report(needed <= set(rule), 'sigma: what a rule must have', needed - set(rule))
    detection = rule['detection']
    found = []
    for alert, line in zip(alerts, lines.formatted(alerts, 'ecs')):
        flat = {}
        for path, value in leaves(json.loads(line)):
            flat.setdefault(path, []).append(str(value))
        names = {name: holds(selection, flat) for name, selection in detection.items() if name != 'condition'}
        if eval(detection['condition'], {'__builtins__': {}}, names):  # pylint: disable=eval-used
            found.append(alert)
    expected = [a for a in alerts if a.get('class') == 'unauthorised-write' and a.get('outcome') == 'accepted' and
                a.get('op') in ('write', 'control', 'program')]
    lines.report(found == expected and found, f'sigma: it finds the {len(expected)} alerts that it is for', len(found))


def examples():
    """The sinks that the pages show are taken as they stand."""
    for page in ('README.md', 'contrib/elasticsearch/README.md', 'contrib/splunk/README.md', 'contrib/sentinel/README.md'):
        with open(os.path.join(lines.top, page), encoding='utf-8') as f:
            found = re.search(r'^( *)forward:\n(?:\1 +\S.*\n)+', f.read(), re.M)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'zonetap.yaml')
            with open(path, 'w', encoding='utf-8') as f:
                f.write('interfaces: [{name: lo}]\n' + textwrap.dedent(found[0] if found else 'forward: no example'))
            run = subprocess.run([lines.zonetap, 'check', '-c', path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 timeout=60, check=False)
        wrong = [line for line in run.stdout.splitlines() if line.startswith(path + ':')]
        lines.report(not wrong and '\nSINK ' in run.stdout, f'{page}: its example is a configuration', '\n'.join(wrong) or run.stdout)


examples()
captured = lines.of_captures()
everything = captured + lines.made()
elasticsearch(everything)
splunk(everything)
sentinel(everything)
sigma(captured)
sys.exit(lines.done())
