"""Strict readers of RFC 5424, CEF and LEEF, from their specifications: whatever those do not allow is an error here."""
import datetime
import ipaddress
import re


class Wrong(Exception):
    pass


def must(truth, what):
    if not truth:
        raise Wrong(what)


def plain_text(raw, tab=False):
    """UTF-8 in one line: no control character but, where it is asked for, the tab."""
    must(isinstance(raw, bytes), 'bytes are read')
    try:
        text = raw.decode('utf-8', 'strict')
    except UnicodeDecodeError as e:
        raise Wrong(f'not UTF-8: {e}') from e
    for c in text:
        n = ord(c)
        must(n >= 0x20 or (tab and c == '\t'), f'control character {n:#x}')
        must(not 0x7f <= n < 0xa0, f'control character {n:#x}')
        must(n not in (0x2028, 0x2029), 'a separator of lines')
        must(not (0x202a <= n <= 0x202e or 0x2066 <= n <= 0x2069 or n in (0x200e, 0x200f, 0x061c)), 'turns text round')
    return text


# --- RFC 5424 --------------------------------------------------------------------------------

TIMESTAMP = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)')
SD_NAME = re.compile(r'[!#-<>-\\^-~]{1,32}')            # 6.3: PRINTUSASCII but = SP ] "


def header_word(text, at, most, what):
    end = text.find(' ', at)
    must(end > at, f'{what} is missing')
    word = text[at:end]
    must(len(word) <= most, f'{what} is longer than {most}')
    must(all(33 <= ord(c) <= 126 for c in word), f'{what} is not of printable ASCII')
    return word, end + 1


def param_value(text, at):
    """Behind the opening quotation mark; 6.3.3: the three characters are escaped, nothing else is."""
    out = []
    while True:
        must(at < len(text), 'a value does not end')
        c = text[at]
        if c == '"':
            return ''.join(out), at + 1
        must(c != ']', 'a bracket in a value is not escaped')
        if c == '\\':
            must(at + 1 < len(text) and text[at + 1] in '"\\]', 'something is escaped that must not be')
            at += 1
            c = text[at]
        out.append(c)
        at += 1


def sd_element(text, at):
    must(text[at] == '[', 'an element does not begin')
    m = SD_NAME.match(text, at + 1)
    must(m, 'an element without a name')
    name, at, params = m.group(), m.end(), {}
    if '@' in name:
        must(re.fullmatch(r'[^@]+@\d+(\.\d+)*', name), 'a private name without a number')
    else:
        must(name in ('timeQuality', 'origin', 'meta'), f'{name} is not a name of the RFC')
    while text[at:at + 1] == ' ':
        m = SD_NAME.match(text, at + 1)
        must(m and text[m.end():m.end() + 2] == '="', 'a parameter is not NAME="VALUE"')
        must(m.group() not in params, f'{m.group()} comes twice')
        params[m.group()], at = param_value(text, m.end() + 2)
        must(params[m.group()], f'{m.group()} is empty')
    must(text[at:at + 1] == ']', 'an element does not end')
    return name, params, at + 1


def rfc5424(raw):
    """A message: {'pri', 'time', 'host', 'app', 'proc', 'msgid', 'sd': {name: {param: value}}, 'msg'}."""
    bom = raw.count(b'\xef\xbb\xbf')
    must(bom <= 1, 'the byte order mark comes twice')
    if bom:
        must(raw[raw.find(b'\xef\xbb\xbf') - 1:][:1] == b' ', 'the byte order mark does not begin MSG')
    text = plain_text(raw.replace(b'\xef\xbb\xbf', b'\xee\x80\x80'))      # any one character that is not used here
    m = re.match(r'<(0|[1-9]\d{0,2})>1 ', text)
    must(m and int(m.group(1)) <= 191, 'PRI and VERSION')
    out, at = {'pri': int(m.group(1)), 'sd': {}}, m.end()
    out['time'], at = header_word(text, at, 32, 'TIMESTAMP')
    must(TIMESTAMP.fullmatch(out['time']), 'TIMESTAMP')
    for key, most in (('host', 255), ('app', 48), ('proc', 128), ('msgid', 32)):
        out[key], at = header_word(text, at, most, key)
    if text[at:at + 1] == '-':
        at += 1
    else:
        must(text[at:at + 1] == '[', 'no structured data')
        while text[at:at + 1] == '[':
            name, params, at = sd_element(text, at)
            must(name not in out['sd'], f'{name} comes twice')
            out['sd'][name] = params
    out['msg'] = None
    if at < len(text):
        must(text[at] == ' ', 'something between the structure and MSG')
        out['msg'] = text[at + 1:]
        if bom:
            must(out['msg'][:1] == '\ue000', 'the byte order mark does not begin MSG')
            out['msg'] = out['msg'][1:]
    return out


# --- CEF -------------------------------------------------------------------------------------

def is_ipv4(v):
    try:
        return str(ipaddress.IPv4Address(v)) == v
    except ValueError:
        return False


def is_ipv6(v):
    try:
        return bool(ipaddress.IPv6Address(v))
    except ValueError:
        return False


def is_mac(v):
    return re.fullmatch(r'([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}', v)


def number(low, high):
    return lambda v: re.fullmatch(r'0|[1-9]\d*', v) and low <= int(v) <= high


def text_of(most):
    return lambda v: 1 <= len(v) <= most


# The extension dictionary, as far as producers may use it: key, what its value must be.
CEF_KEYS = {
    'act': text_of(63), 'app': text_of(31), 'cat': text_of(1023), 'cnt': number(0, 2**31 - 1), 'dhost': text_of(1023),
    'dmac': is_mac, 'dpt': number(0, 65535), 'dst': is_ipv4, 'duser': text_of(1023), 'dvc': is_ipv4, 'dvchost': text_of(100),
    'dvcmac': is_mac, 'end': number(0, 2**63 - 1), 'externalId': text_of(40), 'fileHash': text_of(255), 'fname': text_of(1023),
    'filePath': text_of(1023), 'in': number(0, 2**63 - 1), 'msg': text_of(1023), 'out': number(0, 2**63 - 1),
    'outcome': text_of(63), 'proto': text_of(31), 'reason': text_of(1023), 'request': text_of(1023),
    'rt': number(10**12, 10**13 - 1), 'shost': text_of(1023), 'smac': is_mac, 'spt': number(0, 65535), 'src': is_ipv4,
    'start': number(0, 2**63 - 1), 'suser': text_of(1023), 'deviceExternalId': text_of(255), 'deviceFacility': text_of(1023),
    'deviceInboundInterface': text_of(128), 'flexString1': text_of(1023), 'flexString2': text_of(1023),
}
CEF_KEYS |= {f'cs{i}': text_of(4000) for i in range(1, 7)} | {f'cn{i}': number(0, 2**63 - 1) for i in range(1, 4)}
CEF_KEYS |= {f'c6a{i}': is_ipv6 for i in range(1, 5)}
CEF_LABELLED = [k for k in CEF_KEYS if re.fullmatch(r'(cs|cn|c6a|flexString)\d', k)]
CEF_KEYS |= {k + 'Label': text_of(1023) for k in CEF_LABELLED}


def cef_header(text, start):
    """The parts between the bars, in which \\ and | are escaped, and where the extension begins."""
    parts, part, at = [], [], start
    while len(parts) < 7:
        must(at < len(text), 'the header is short')
        c = text[at]
        if c == '\\':
            must(text[at + 1:at + 2] in ('\\', '|'), 'something is escaped in the header that must not be')
            at += 1
            part.append(text[at])
        elif c == '|':
            parts.append(''.join(part))
            part = []
        else:
            part.append(c)
        at += 1
    return parts, at


def cef_extension(text):
    """Values may hold blanks: a key is the word before a = that is not escaped."""
    keys, at = [], 0
    while at < len(text):
        if text[at] == '\\':
            must(text[at + 1:at + 2] in ('\\', '=', 'n', 'r'), 'something is escaped in a value that must not be')
            at += 2
            continue
        if text[at] == '=':
            begin = text.rfind(' ', 0, at) + 1
            must(re.fullmatch(r'[A-Za-z][A-Za-z0-9]*', text[begin:at]), f'{text[begin:at]!r} is no key')
            keys.append((begin, at))
        at += 1
    must(not text or (keys and keys[0][0] == 0), 'the extension does not begin with a key')
    out = {}
    for i, (begin, equals) in enumerate(keys):
        end = keys[i + 1][0] - 1 if i + 1 < len(keys) else len(text)
        name, value = text[begin:equals], text[equals + 1:end]
        must(name not in out, f'{name} comes twice')
        out[name] = re.sub(r'\\(.)', lambda m: {'n': '\n', 'r': '\r'}.get(m.group(1), m.group(1)), value)
    return out


def cef(raw):
    text = plain_text(raw)
    must(text.startswith('CEF:'), 'no CEF')
    parts, at = cef_header(text, 4)
    must(parts[0] == '0', 'version')
    must(all(parts), 'an empty part of the header')
    must(len(parts[4]) <= 1023 and len(parts[5]) <= 512 and len(parts[1]) <= 63, 'a long part of the header')
    must(re.fullmatch(r'\d|10', parts[6]), 'severity')
    ext = cef_extension(text[at:])
    for key, value in ext.items():
        must(key in CEF_KEYS, f'{key} is not in the dictionary')
        must(CEF_KEYS[key](value), f'{key}={value!r}')
    for key in CEF_LABELLED:
        must((key in ext) == (key + 'Label' in ext), f'{key} and its label do not come together')
    return {'vendor': parts[1], 'product': parts[2], 'version': parts[3], 'id': parts[4], 'name': parts[5],
            'severity': int(parts[6]), 'ext': ext}


# --- LEEF ------------------------------------------------------------------------------------

def is_ip(v):
    return is_ipv4(v) or is_ipv6(v)


LEEF_PREDEFINED = {
    'src': is_ip, 'dst': is_ip, 'srcPort': number(0, 65535), 'dstPort': number(0, 65535), 'srcMAC': is_mac, 'dstMAC': is_mac,
    'sev': number(1, 10), 'proto': lambda v: v in ('TCP', 'UDP', 'ICMP'), 'cat': text_of(1023),
}


def leef(raw):
    text = plain_text(raw, tab=True)
    parts = text.split('|', 6)
    must(len(parts) == 7 and parts[0] == 'LEEF:2.0', 'the header')
    must(all(parts[:6]), 'an empty part of the header')
    m = re.fullmatch(r'(?:0x|x)([0-9A-Fa-f]{1,4})|(.)', parts[5])
    must(m, 'the delimiter')
    between = chr(int(m.group(1), 16)) if m.group(1) else m.group(2)
    must('\t' not in ''.join(parts[:6]) and (between == '\t' or '\t' not in parts[6]), 'a tab')
    attributes = {}
    for one in parts[6].split(between):
        key, equals, value = one.partition('=')
        must(equals and re.fullmatch(r'[A-Za-z][A-Za-z0-9_]*', key), f'{one!r} is no attribute')
        must(key not in attributes, f'{key} comes twice')
        must(value, f'{key} is empty')
        must(LEEF_PREDEFINED.get(key, len)(value), f'{key}={value!r}')
        attributes[key] = value
    if 'devTime' in attributes:
        must(attributes.get('devTimeFormat') == "yyyy-MM-dd'T'HH:mm:ss.SSSZ", 'the format of the time')
        must(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}', attributes['devTime']), 'devTime')
        datetime.datetime.strptime(attributes['devTime'], '%Y-%m-%dT%H:%M:%S.%f%z')
    return {'vendor': parts[1], 'product': parts[2], 'version': parts[3], 'id': parts[4], 'attributes': attributes}
