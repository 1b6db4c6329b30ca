// server.js ADDRESS: an S7 station by snap7 with DB1, DB2, flags, inputs, outputs, timers and counters.
const snap7 = require('node-snap7');
const s = new snap7.S7Server();
for (const [area, index, size] of [[s.srvAreaDB, 1, 256], [s.srvAreaDB, 2, 64], [s.srvAreaMK, 0, 128], [s.srvAreaPE, 0, 64],
	[s.srvAreaPA, 0, 64], [s.srvAreaTM, 0, 64], [s.srvAreaCT, 0, 64]])
	area === s.srvAreaDB ? s.RegisterArea(area, index, Buffer.alloc(size, index)) : s.RegisterArea(area, Buffer.alloc(size));
if (!s.StartTo(process.argv[2]))
	process.exit(1);
setInterval(() => {}, 1000);
