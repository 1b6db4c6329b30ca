// nodes7.js ADDRESS: a second client, of another author, with symbolic names and optimised reads.
const NodeS7 = require('nodes7');
const conn = new NodeS7({ silent: true });
const names = { level: 'DB1,REAL8', step: 'DB1,INT4', run: 'DB1,X20.0', text: 'DB1,S40.10', flag: 'M10.3', word: 'MW20',
	input: 'IB0', output: 'QB1', timer: 'T2', missing: 'DB99,INT0', bytes: 'DB2,BYTE0.24' };

conn.initiateConnection({ port: 102, host: process.argv[2], rack: 0, slot: 1, timeout: 5000 }, (error) => {
	if (error)
		throw error;
	conn.setTranslationCB((tag) => names[tag]);
	conn.addItems(Object.keys(names));
	conn.readAllItems(() => conn.writeItems(['level', 'run', 'step'], [12.5, true, 7], () =>
		conn.readAllItems((bad, values) => {
			console.log(bad, Object.keys(values).length);
			conn.dropConnection(() => process.exit(0));
		})));
});
