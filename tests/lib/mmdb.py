"""A small writer of MaxMind DB files, version 2.0 of the format: enough for tests, and for wrong ones.

write(path, rows, **metadata): rows are (network, record); a record is made of dict, str, int, float, bool, bytes, list.
An int goes out as uint32 unless it is wrapped in Int('uint16' | 'uint64' | 'int32', value)."""
import ipaddress
import struct
from collections import namedtuple

Int = namedtuple('Int', 'kind value')
TYPES = {'string': 2, 'double': 3, 'bytes': 4, 'uint16': 5, 'uint32': 6, 'map': 7, 'int32': 8, 'uint64': 9, 'array': 11,
         'bool': 14}
MARK = b'\xab\xcd\xefMaxMind.com'


def control(kind, size):
    number = TYPES[kind]
    more = b''
    if size >= 285:
        size, more = 30, struct.pack('>H', size - 285)
    elif size >= 29:
        size, more = 29, bytes([size - 29])
    if number > 7:
        return bytes([size, number - 7]) + more
    return bytes([number << 5 | size]) + more


def encode(value):
    if isinstance(value, dict):
        return control('map', len(value)) + b''.join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, list):
        return control('array', len(value)) + b''.join(encode(v) for v in value)
    if isinstance(value, bool):
        return control('bool', int(value))
    if isinstance(value, str):
        text = value.encode()
        return control('string', len(text)) + text
    if isinstance(value, bytes):
        return control('bytes', len(value)) + value
    if isinstance(value, float):
        return control('double', 8) + struct.pack('>d', value)
    kind, number = value if isinstance(value, Int) else ('uint32', value)
    text = number.to_bytes((number.bit_length() + 7) // 8, 'big')
    return control(kind, len(text)) + text


class Tree:
    """Nodes are pairs: an int is another node, bytes are a record, None is nothing."""

    def __init__(self):
        self.nodes = [[None, None]]

    def add(self, network, record):
        bits = network.prefixlen if network.version == 6 else network.prefixlen + 96
        address = int(network.network_address)
        at = 0
        for i in range(bits):
            side = address >> (127 - i) & 1
            if i == bits - 1:
                self.nodes[at][side] = record
            else:
                if not isinstance(self.nodes[at][side], int):
                    self.nodes.append([self.nodes[at][side], self.nodes[at][side]])
                    self.nodes[at][side] = len(self.nodes) - 1
                at = self.nodes[at][side]


def build(rows, **metadata):
    tree = Tree()
    data = b''
    places = {}
    for network, record in rows:
        text = encode(record)
        if text not in places:
            places[text] = len(data)
            data += text
        tree.add(ipaddress.ip_network(network), text)
    count = len(tree.nodes)
    out = b''
    for node in tree.nodes:
        for child in node:
            number = child if isinstance(child, int) else count if child is None else count + 16 + places[child]
            out += struct.pack('>I', number)
    about = {'binary_format_major_version': Int('uint16', 2), 'binary_format_minor_version': Int('uint16', 0),
             'build_epoch': Int('uint64', 1767225600), 'database_type': 'zonetap-test', 'description': {'en': 'made by a test'},
             'ip_version': Int('uint16', 6), 'languages': ['en'], 'node_count': count, 'record_size': Int('uint16', 32)}
    about.update(metadata)
    return out + bytes(16) + data + MARK + encode(about)


def write(path, rows, **metadata):
    with open(path, 'wb') as out:
        out.write(build(rows, **metadata))


if __name__ == '__main__':      # mmdb.py OUT ROWS: rows as JSON, a list of [network, record]
    import json
    import sys

    write(sys.argv[1], json.loads(sys.argv[2]))
