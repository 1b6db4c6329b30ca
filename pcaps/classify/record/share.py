"""share.py ADDRESS FOLDER: an SMB server with one share."""
import sys

from impacket.smbserver import SimpleSMBServer

server = SimpleSMBServer(listenAddress=sys.argv[1], listenPort=445)
server.addShare('RECIPES', sys.argv[2])
server.setSMB2Support(True)
server.setLogFile('/dev/null')
server.start()
