// st_talk.js ADDRESS: st-ethernet-ip reads and writes tags, without a connection, on one, in a group; sets the clock; browses.
const { Controller, Tag, TagGroup, Browser, EthernetIP } = require('st-ethernet-ip');
const address = process.argv[2];
const { INT, DINT, REAL, BOOL } = EthernetIP.CIP.DataTypes.Types;

async function tags(connected) {
	const plc = new Controller(connected);
	await plc.connect(address, 0);
	const level = new Tag('Level', null, REAL), setpoint = new Tag('Setpoint', null, DINT), step = new Tag('Step', 'Main', INT);
	const run = new Tag('Run', null, BOOL), member = new Tag('Recipe[3]', null, INT), nothing = new Tag('Nothing', null, DINT);
	for (const t of [level, setpoint, step, member])
		await plc.readTag(t);
	setpoint.value = 1200;
	await plc.writeTag(setpoint);
	run.value = false;
	await plc.writeTag(run, false).catch(() => {});         // refused: privilege violation
	await plc.readTag(nothing).catch(() => {});             // refused: no such tag
	const group = new TagGroup();
	for (const t of [level, setpoint, step])
		group.add(t);
	await plc.readTagGroup(group);
	setpoint.value = 1300;
	await plc.writeTagGroup(group);
	await plc.getAttributeSingle(0xf5, 1, 3).catch(() => {}); // refused: service not supported
	await plc.readWallClock();
	await plc.writeWallClock(new Date(Date.UTC(2026, 2, 2, 6, 0, 0)));
	await plc.disconnect();
}

(async () => {
	await tags(false);
	await tags(true);
	const browser = new Browser(51687, '0.0.0.0', true, 300);
	await new Promise(done => setTimeout(done, 700));
	browser.stop();
	process.exit(0);
})().catch(e => { console.error(e); process.exit(1); });
