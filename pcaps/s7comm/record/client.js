// client.js ADDRESS: everything that snap7's client can ask of a station, once.
const snap7 = require('node-snap7');
const c = new snap7.S7Client();
const say = (what, ok) => console.log(what, ok === false ? c.ErrorText(c.LastError()) : 'ok');

if (!c.ConnectTo(process.argv[2], 0, 2))
	throw new Error(c.ErrorText(c.LastError()));
say('read', c.DBRead(1, 0, 16));
say('write', c.DBWrite(1, 4, 3, Buffer.from('abc')));
say('read missing', c.DBRead(99, 0, 4));
say('merkers', c.MBRead(10, 4));
say('write merkers', c.MBWrite(10, 2, Buffer.from([1, 2])));
say('bit', c.WriteArea(c.S7AreaMK, 0, 83, 1, c.S7WLBit, Buffer.from([1])));
say('bit', c.ReadArea(c.S7AreaMK, 0, 83, 1, c.S7WLBit));
say('inputs', c.EBRead(0, 8));
say('outputs', c.ABWrite(0, 2, Buffer.from([3, 4])));
say('timers', c.TMRead(2, 3));
say('counters', c.CTRead(1, 2));
const item = (Area, WordLen, DBNumber, Start, Amount, Data) => ({ Area, WordLen, DBNumber, Start, Amount, Data });
say('read vars', c.ReadMultiVars([item(c.S7AreaDB, c.S7WLByte, 1, 0, 3), item(c.S7AreaDB, c.S7WLByte, 99, 0, 1),
	item(c.S7AreaMK, c.S7WLByte, 0, 10, 1), item(c.S7AreaDB, c.S7WLReal, 1, 8, 2)]));
say('write vars', c.WriteMultiVars([item(c.S7AreaDB, c.S7WLByte, 1, 20, 3, Buffer.from('xyz')),
	item(c.S7AreaDB, c.S7WLByte, 99, 0, 1, Buffer.from([1])), item(c.S7AreaMK, c.S7WLWord, 0, 20, 1, Buffer.from([9, 8]))]));
say('blocks', c.ListBlocks());
say('blocks of type', c.ListBlocksOfType(c.Block_DB));
say('block info', c.GetAgBlockInfo(c.Block_DB, 1));
say('upload', c.Upload(c.Block_DB, 1, 4096));
say('full upload', c.FullUpload(c.Block_DB, 1, 4096));
const block = Buffer.alloc(92);         // the head of a data block, 36 bytes of it, a foot of 20
Buffer.from([0x70, 0x70, 1, 1, 5, 0x0a, 0, 3]).copy(block);
block.writeUInt32BE(block.length, 8);
block.writeUInt16BE(36, 34);
say('download', c.Download(3, block));
say('delete', c.Delete(c.Block_DB, 1));
say('clock', c.GetPlcDateTime());
say('set clock', c.SetPlcDateTime(new Date(2026, 2, 2, 8, 30, 0)));
say('order code', c.GetOrderCode());
say('cpu info', c.GetCpuInfo());
say('cp info', c.GetCpInfo());
say('szl list', c.ReadSZLList());
say('szl', c.ReadSZL(0x424, 0));
say('szl missing', c.ReadSZL(0x0f99, 0));
say('protection', c.GetProtection());
say('password', c.SetSessionPassword('secret'));
say('no password', c.ClearSessionPassword());
say('status', c.PlcStatus());
say('stop', c.PlcStop());
say('hot start', c.PlcHotStart());
say('cold start', c.PlcColdStart());
say('copy', c.CopyRamToRom(1000));
say('compress', c.Compress(1000));
c.Disconnect();
