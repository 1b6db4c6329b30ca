/* config_table.c - every setting of zonetap.yaml: its type, range, default and what it is for. */
#include "base/json.h"
#include "base/sbuf.h"
#include "engine/worker.h"
#include "sensor/setting.h"

#include <stdio.h>
#include <string.h>

#define TEXT_OF(number) #number
#define NUMBER(number) TEXT_OF(number)

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)
#define TIB(n) (UINT64_C(n) << 40)
#define MS(n) (UINT64_C(n) * 1000000)
#define SECONDS(n) (UINT64_C(n) * 1000000000)
#define HOURS(n) SECONDS((n) * 3600)
#define DAYS(n) SECONDS((n) * 86400)
#define PERCENT(n) (UINT64_C(n) * 10000)

#define TOP(member) .at = offsetof(struct sensor_config, member)
#define OF_INTERFACE(member) .at = offsetof(struct config_interface, member)
#define RANGE(low, high) .min = (low), .max = (high)

static const char *const stamps[] = { [CONFIG_STAMPS_HOST] = "host", [CONFIG_STAMPS_ADAPTER] = "adapter", NULL };

static const struct config_row rows[] = {
	{ "", "sensor", CONFIG_NAME, TOP(sensor), .max = 63, .absent = "the name of the host",
	  .help = "Name of this sensor, on its events and alerts" },

	{ "", "interfaces", CONFIG_SECTIONS, .must = true, RANGE(1, CONFIG_INTERFACES_MAX),
	  .help = "The interfaces to listen on: the ports that a mirror is plugged into" },
	{ "interfaces", "name", CONFIG_IFNAME, .must = true, OF_INTERFACE(name),
	  .help = "Its name, as in 'ip link'; one that is not there is waited for" },
	{ "interfaces", "segment", CONFIG_NAME, OF_INTERFACE(segment), .max = 63,
	  .absent = "the segment of the site whose 'captures' match the interface, else whose VLAN a packet has",
	  .help = "The segment of the site that is seen here" },
	{ "interfaces", "filter", CONFIG_FILTER, OF_INTERFACE(filter), .max = 4096, .absent = "everything is captured",
	  .help = "What to capture, in the language of pcap-filter(7), with numbers and addresses only: names would have "
		  "to be looked up, and a sensor asks nobody; what it leaves out is neither seen nor counted; packets with a "
		  "VLAN tag need (vlan and ...) beside it" },
	{ "interfaces", "snaplen", CONFIG_INT, OF_INTERFACE(snaplen), RANGE(256, CONFIG_SNAPLEN_MAX), .unit = "bytes", .preset = NUMBER(CONFIG_SNAPLEN_MAX),
	  .help = "Bytes kept of a packet; the default is the most that libpcap takes, so that even what an adapter has "
		  "merged stays whole, and costs nothing, since the ring holds every packet at its own length" },
	{ "interfaces", "ring", CONFIG_SIZE, OF_INTERFACE(ring), RANGE(MIB(1), GIB(1)), .preset = "64MiB",
	  .help = "Memory shared with the kernel in which packets wait, for each worker of the interface; it outlasts a "
		  "pause of the program by its size divided by the traffic" },
	{ "interfaces", "workers", CONFIG_INT, OF_INTERFACE(workers), RANGE(1, CONFIG_WORKERS_MAX), .unit = "threads", .preset = "1",
	  .help = "Threads that decode the packets of the interface; all packets of two addresses go to one of them" },
	{ "interfaces", "promiscuous", CONFIG_BOOL, OF_INTERFACE(promiscuous), .preset = "true",
	  .help = "Take packets for other machines too, as a mirror port needs" },
	{ "interfaces", "stamps", CONFIG_WORD, OF_INTERFACE(stamps), .preset = "host", .words = stamps,
	  .help = "Whose clock stamps the packets: the host's when they arrive, or the adapter's own, where it has one "
		  "that is switched on (hwstamp_ctl -i NAME -r 1) and kept synchronised; else the host's after all" },

	{ "", "site", CONFIG_PATH, TOP(site), .absent = "only the rules that need no site work",
	  .help = "The site file, see zonetap-site(5)" },
	{ "", "rules", CONFIG_PATHS, TOP(rules), .absent = "the shipped rules",
	  .help = "Files or folders of rules, see zonetap-rules(5), instead of the shipped ones" },
	{ "", "geo", CONFIG_PATHS, TOP(geo), .absent = "public addresses have no country and no network",
	  .help = "Databases of countries and autonomous systems in MaxMind's format (.mmdb); one that is replaced is "
		  "read again, one that is missing is waited for" },

	{ "", "database", CONFIG_SECTION, .help = "Where alerts, assets and conversations are kept" },
	{ "database", "path", CONFIG_PATH, TOP(database.path), .preset = "/var/lib/zonetap/zonetap.db",
	  .help = "The SQLite database; its folder must be writable, since SQLite keeps files beside it" },
	{ "database", "max_size", CONFIG_SIZE, TOP(database.max_size), .off = true, RANGE(MIB(16), TIB(16)), .preset = "10GiB",
	  .help = "Size at which the oldest and least severe alerts that have ended go first" },
	{ "database", "max_age", CONFIG_TIME, TOP(database.max_age), .off = true, RANGE(HOURS(1), DAYS(3650)), .preset = "365d",
	  .help = "Age at which alerts that have ended, and that no receiver still waits for, go" },
	{ "database", "queue", CONFIG_SIZE, TOP(database.queue), RANGE(MIB(1), GIB(4)), .preset = "64MiB",
	  .help = "Memory in which alerts wait when the disk is full, slow or read-only; past it the least severe are "
		  "lost, and counted" },

	{ "", "learning", CONFIG_SECTION,
	  .help = "While the sensor learns, what is new is recorded and raises no alert; 'until' and 'for' exclude each other" },
	{ "learning", "until", CONFIG_DATE, TOP(learning.until), .absent = "'for' decides",
	  .help = "The time at which learning ends, like 2026-12-01T00:00:00Z" },
	{ "learning", "for", CONFIG_TIME, TOP(learning.period), .off = true, RANGE(SECONDS(60), DAYS(365)), .preset = "off",
	  .help = "How long the sensor learns, from its first start with this database" },

	{ "", "limits", CONFIG_SECTION,
	  .help = "Sizes of the tables that the sensor keeps in memory; when one is full its oldest entry goes, and is counted" },
	{ "limits", "flows", CONFIG_INT, TOP(flows), RANGE(1024, 4194304), .unit = "conversations", .preset = NUMBER(WORKER_FLOWS),
	  .help = "Conversations on the wire that each worker follows at a time" },
	{ "limits", "assets", CONFIG_INT, TOP(limits.assets), RANGE(256, 1048576), .unit = "devices", .preset = NUMBER(WRITER_ASSETS),
	  .help = "Devices known" },
	{ "limits", "conversations", CONFIG_INT, TOP(limits.conversations), RANGE(1024, 4194304), .unit = "rows",
	  .preset = NUMBER(WRITER_CONVERSATIONS), .help = "Who spoke with whom about what: rows" },
	{ "limits", "pairs", CONFIG_INT, TOP(limits.pairs), RANGE(1024, 4194304), .unit = "pairs", .preset = NUMBER(WRITER_PAIRS),
	  .help = "Pairs of devices of which it is known that they spoke before" },
	{ "limits", "alerts", CONFIG_INT, TOP(limits.alerts), RANGE(64, 262144), .unit = "alerts", .preset = NUMBER(WRITER_ALERTS),
	  .help = "Alerts that are open at a time" },
	{ "limits", "waiting", CONFIG_INT, TOP(limits.waiting), RANGE(256, 1048576), .unit = "operations", .preset = NUMBER(WRITER_WAITING),
	  .help = "Operations that met a rule and wait for their answer" },
	{ "limits", "thresholds", CONFIG_INT, TOP(limits.thresholds), RANGE(256, 1048576), .unit = "counters", .preset = NUMBER(WRITER_THRESHOLDS),
	  .help = "Counters of the rules that have a threshold" },

	{ "", "user", CONFIG_NAME, TOP(user), .max = 32, .preset = "zonetap",
	  .help = "The user to become when started as root" },
	{ "", "socket", CONFIG_PATH, TOP(socket), .max = 107, .preset = "/run/zonetap/zonetap.sock",
	  .help = "The Unix socket at which 'zonetap status' and 'zonetap reload' ask the running sensor" },

	{ "", "metrics", CONFIG_SECTION, .help = "The sensor's figures for Prometheus, as a text file; no port is opened" },
	{ "metrics", "file", CONFIG_PATH, TOP(metrics.file), .absent = "none is written",
	  .help = "The file to write, NAME.prom in the folder of a node exporter's textfile collector" },
	{ "metrics", "interval", CONFIG_TIME, TOP(metrics.interval), RANGE(SECONDS(1), HOURS(1)), .preset = "15s",
	  .help = "Time between two writings" },

	{ "", "health", CONFIG_SECTION, .help = "When the sensor says that something is wrong with itself or its mirror" },
	{ "health", "window", CONFIG_TIME, TOP(health.window), RANGE(SECONDS(10), HOURS(24)), .preset = "5m",
	  .help = "Time over which the shares below are taken" },
	{ "health", "silence", CONFIG_TIME, TOP(health.silence), .off = true, RANGE(SECONDS(1), DAYS(7)), .preset = "1m",
	  .help = "No packet on an interface for so long" },
	{ "health", "one_way", CONFIG_SHARE, TOP(health.one_way), .off = true, RANGE(10, PERCENT(100)), .preset = "50%",
	  .help = "Share of the TCP conversations of which only one direction is seen: the mirror is set up wrongly" },
	{ "health", "duplicates", CONFIG_SHARE, TOP(health.duplicates), .off = true, RANGE(10, PERCENT(100)), .preset = "60%",
	  .help = "Share of the packets that are copies; a mirror of both sides of a router makes half of them copies" },
	{ "health", "undecoded", CONFIG_SHARE, TOP(health.undecoded), .off = true, RANGE(10, PERCENT(100)), .preset = "5%",
	  .help = "Share of the messages of industrial protocols that are not understood" },
	{ "health", "drops", CONFIG_SHARE, TOP(health.drops), .off = true, RANGE(10, PERCENT(100)), .preset = "0.1%",
	  .help = "Share of the packets that are lost in the adapter, the kernel or the sensor" },
	{ "health", "clock_jump", CONFIG_TIME, TOP(health.clock_jump), .off = true, RANGE(MS(10), HOURS(24)), .preset = "1s",
	  .help = "Jump of the wall clock against the monotonic one" },
	{ "health", "heartbeat", CONFIG_TIME, TOP(health.heartbeat), .off = true, RANGE(SECONDS(10), DAYS(7)), .preset = "1h",
	  .help = "Time between two signs of life, by which others notice that they stop" },
};

const struct config_row *config_row(size_t i)
{
	return i < sizeof rows / sizeof rows[0] ? &rows[i] : NULL;
}

const char *config_type_text(enum config_type type)
{
	static const char *const text[] = {
		[CONFIG_SECTION] = "mapping", [CONFIG_SECTIONS] = "list of mappings", [CONFIG_BOOL] = "true or false",
		[CONFIG_INT] = "number", [CONFIG_SIZE] = "size", [CONFIG_TIME] = "duration", [CONFIG_DATE] = "time",
		[CONFIG_SHARE] = "share", [CONFIG_WORD] = "word", [CONFIG_NAME] = "name", [CONFIG_IFNAME] = "name of an interface",
		[CONFIG_FILTER] = "capture filter", [CONFIG_PATH] = "path", [CONFIG_PATHS] = "path or list of paths",
	};

	return text[type];
}

const char *config_range(const struct config_row *r, char out[CONFIG_RANGE_TEXT])
{
	char low[SETTING_TEXT], high[SETTING_TEXT];

	out[0] = '\0';
	if (setting_is_number(r->type))
		snprintf(out, CONFIG_RANGE_TEXT, "%s to %s%s%s%s", setting_text(r, r->min, low), setting_text(r, r->max, high),
			 r->unit ? " " : "", r->unit ? r->unit : "", r->off ? ", or off" : "");
	else if (r->type == CONFIG_SECTIONS)
		snprintf(out, CONFIG_RANGE_TEXT, "%u to %u of them", (unsigned)r->min, (unsigned)r->max);
	else if (r->type == CONFIG_PATHS)
		snprintf(out, CONFIG_RANGE_TEXT, "up to %d of them", CONFIG_PATHS_MAX);
	else if (r->max)
		snprintf(out, CONFIG_RANGE_TEXT, "up to %u bytes", (unsigned)r->max);
	return out;
}

static void show_paths(const struct config_row *r, const struct config_paths *paths, struct sbuf *out)
{
	if (paths->n == 0)
		sbuf_str(out, r->absent);
	for (uint32_t i = 0; i < paths->n; i++)
		sbuf_fmt(out, "%s%s", i ? ", " : "", paths->v[i]);
}

static void show_number(const struct config_row *r, const void *at, struct sbuf *out)
{
	char text[SETTING_TEXT > TIME_TEXT ? SETTING_TEXT : TIME_TEXT];
	uint64_t v;

	if (r->type == CONFIG_INT || r->type == CONFIG_SHARE)
		v = *(const uint32_t *)at;
	else
		v = *(const uint64_t *)at;
	if (r->type == CONFIG_DATE)
		sbuf_fmt(out, v ? "%.19sZ" : "%s", v ? time_text(v, text) : r->absent);
	else
		sbuf_str(out, setting_text(r, v, text));
}

void config_show(const struct config_row *r, const void *base, struct sbuf *out)
{
	const void *at = (const char *)base + r->at;

	switch (r->type) {
	case CONFIG_SECTION:
	case CONFIG_SECTIONS:
		break;
	case CONFIG_BOOL:
		sbuf_str(out, *(const bool *)at ? "true" : "false");
		break;
	case CONFIG_WORD:
		sbuf_str(out, r->words[*(const uint32_t *)at]);
		break;
	case CONFIG_NAME:
	case CONFIG_IFNAME:
	case CONFIG_FILTER:
	case CONFIG_PATH: {
		const char *text = *(const char *const *)at;

		sbuf_str(out, text && *text ? text : r->absent);
		break;
	}
	case CONFIG_PATHS:
		show_paths(r, at, out);
		break;
	default:
		show_number(r, at, out);
		break;
	}
}
