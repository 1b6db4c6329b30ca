#!/usr/bin/python3
"""pymodbus_talk.py server|client ADDRESS: each function that pymodbus 3.0 has, over TCP and then some over UDP."""
import asyncio
import sys

from pymodbus import diag_message, file_message, mei_message, other_message
from pymodbus.client import ModbusTcpClient, ModbusUdpClient
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartAsyncTcpServer, StartAsyncUdpServer


async def serve(address):
    block = ModbusSequentialDataBlock
    store = ModbusSlaveContext(di=block(1, [1, 0] * 50), co=block(1, [0, 1] * 50), hr=block(1, list(range(100))),
                               ir=block(1, list(range(500, 600))))
    says = ModbusDeviceIdentification(info_name={
        'VendorName': 'Example Controls', 'ProductCode': 'EC-7', 'MajorMinorRevision': 'V2.11', 'VendorUrl': 'http://ec.example/',
        'ProductName': 'Pump controller', 'ModelName': 'EC-7/24', 'UserApplicationName': 'Well 3'})
    context = ModbusServerContext(slaves=store, single=True)
    await asyncio.gather(StartAsyncTcpServer(context=context, identity=says, address=(address, 502)),
                         StartAsyncUdpServer(context=context, identity=says, address=(address, 502)))


def ask(address):
    tcp = ModbusTcpClient(address, port=502)
    tcp.connect()

    def send(client, request):
        request.unit_id = 1
        try:
            client.execute(request)
        except Exception:                           # what pymodbus cannot read itself was said all the same
            pass

    for name in ('ReturnQueryData', 'RestartCommunicationsOption', 'ReturnDiagnosticRegister', 'ChangeAsciiInputDelimiter',
                 'ClearCounters', 'ReturnBusMessageCount', 'ReturnBusCommunicationErrorCount', 'ReturnBusExceptionErrorCount',
                 'ReturnSlaveMessageCount', 'ReturnSlaveNoResponseCount', 'ReturnSlaveNAKCount', 'ReturnSlaveBusyCount',
                 'ReturnSlaveBusCharacterOverrunCount', 'ClearOverrunCount'):
        kind = getattr(diag_message, name + 'Request')
        send(tcp, kind([0xa537]) if name == 'ReturnQueryData' else kind())
    send(tcp, other_message.ReadExceptionStatusRequest())
    send(tcp, other_message.GetCommEventCounterRequest())
    send(tcp, other_message.GetCommEventLogRequest())
    send(tcp, other_message.ReportSlaveIdRequest())
    for code, first in ((1, 0), (2, 0), (3, 0), (4, 4), (4, 6), (9, 0)):
        send(tcp, mei_message.ReadDeviceInformationRequest(code, first))
    record = file_message.FileRecord
    send(tcp, file_message.ReadFileRecordRequest([record(file_number=4, record_number=1, record_length=2)]))
    send(tcp, file_message.WriteFileRecordRequest([record(file_number=4, record_number=7, record_data=b'\6\xaf\4\xbe\x10\r')]))
    send(tcp, file_message.ReadFifoQueueRequest(0x04de))
    tcp.read_coils(0, 10, 1)
    tcp.read_holding_registers(98, 9, 1)            # refused: beyond the end
    tcp.mask_write_register(4, 0xf2, 0x25)
    tcp.close()
    udp = ModbusUdpClient(address, port=502)
    udp.connect()
    udp.read_holding_registers(0, 5, 1)
    udp.write_register(3, 77, 1)
    udp.write_coils(0, [True] * 9, 1)
    udp.read_input_registers(99, 9, 1)              # refused
    udp.close()


if len(sys.argv) == 3 and sys.argv[1] == 'server':
    asyncio.run(serve(sys.argv[2]))
elif len(sys.argv) == 3 and sys.argv[1] == 'client':
    ask(sys.argv[2])
else:
    sys.exit(__doc__)
