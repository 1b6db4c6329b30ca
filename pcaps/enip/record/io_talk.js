// io_talk.js ADDRESS OWN: st-ethernet-ip as scanner of a class 1 connection, for half a second.
const { IO } = require('st-ethernet-ip');
const scanner = new IO.Scanner(2222, process.argv[3]);

scanner.addConnection({ configInstance: { assembly: 100, size: 0 }, outputInstance: { assembly: 102, size: 6 },
	inputInstance: { assembly: 101, size: 6 } }, 50, process.argv[2]);
setTimeout(() => process.exit(0), 1500);
