"""smb.py CLIENT SERVER: logs on to the share and lists it."""
import socket
import sys

from impacket.smbconnection import SMBConnection

connect = socket.socket.connect


def bound(self, address):
    if self.family == socket.AF_INET:
        self.bind((sys.argv[1], 0))
    return connect(self, address)


socket.socket.connect = bound
c = SMBConnection(sys.argv[2], sys.argv[2], timeout=5)
c.login('', '')
c.listPath('RECIPES', '*')
c.close()
