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
#define OF_SINK(member) .at = offsetof(struct sink_conf, member)
#define RANGE(low, high) .min = (low), .max = (high)

static const char *const stamps[] = { [CONFIG_STAMPS_HOST] = "host", [CONFIG_STAMPS_ADAPTER] = "adapter", NULL };

static const char *const framings[] = { [FRAMING_OCTET_COUNTING] = "octet-counting", [FRAMING_LF] = "lf", NULL };
static const char *const tls_versions[] = { [SINK_TLS_1_2] = "1.2", [SINK_TLS_1_3] = "1.3", NULL };
/* By their numbers in RFC 5424, section 6.2.1. */
static const char *const facilities[] = {
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit",
	"alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7", NULL
};

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
	{ "health", "behind", CONFIG_TIME, TOP(health.behind), .off = true, RANGE(SECONDS(10), DAYS(7)), .preset = "10m",
	  .help = "An alert has waited for so long to be taken by a sink that is not down" },

	{ "", "forward", CONFIG_SECTIONS, RANGE(0, SINKS_MAX),
	  .help = "Receivers of the alerts (sinks), each with its own place in the outbox of the database, so that none waits for "
		  "another; zonetap-siem(5) says what each of them gets" },
	{ "forward", "name", CONFIG_NAME, .must = true, OF_SINK(name), .max = SINK_NAME_MAX,
	  .help = "Its name: letters, digits, - and _; what is delivered is remembered under it" },
	{ "forward", "type", CONFIG_WORD, .must = true, OF_SINK(type), .words = sink_type_words,
	  .help = "What kind of receiver it is; some settings belong to some types only" },
	{ "forward", "format", CONFIG_WORD, OF_SINK(format), .words = sink_format_words,
	  .absent = "rfc5424 to syslog, ecs to elasticsearch, json to the others",
	  .help = "How an alert is written; rfc5424, cef and leef go to syslog and files only" },
	{ "forward", "filter", CONFIG_EXPR, OF_SINK(filter), .max = 4096, .absent = "every alert is sent",
	  .help = "Which alerts it gets, an expression as in zonetap-rules(5) over the fields of an alert, like severity >= medium" },
	{ "forward", "url", CONFIG_TEXT, OF_SINK(url), .max = 2048, .absent = "needed by every type but file",
	  .help = "Where it is: udp://, tcp:// or tls:// of a syslog receiver, https:// (or http://) of the others, with "
		  "HOST[:PORT]; never with a user or password" },
	{ "forward", "path", CONFIG_PATH, OF_SINK(path), .absent = "needed by type file",
	  .help = "Of type file: the file or named pipe to write lines to" },
	{ "forward", "batch_count", CONFIG_INT, OF_SINK(batch_count), RANGE(1, 10000), .unit = "records", .preset = "500",
	  .help = "Records that are sent at a time" },
	{ "forward", "batch_bytes", CONFIG_SIZE, OF_SINK(batch_bytes), RANGE(KIB(4), MIB(16)), .preset = "512KiB",
	  .help = "Bytes that are sent at a time; a receiver that finds it too much gets less by itself" },
	{ "forward", "batch_age", CONFIG_TIME, OF_SINK(batch_age), RANGE(MS(1), HOURS(1)), .preset = "1s",
	  .help = "How long the first record waits for others to be sent with" },
	{ "forward", "backoff_min", CONFIG_TIME, OF_SINK(backoff_min), RANGE(MS(100), SECONDS(60)), .preset = "1s",
	  .help = "How long it waits after a first failure, doubled after each further one, a random part of it" },
	{ "forward", "backoff_max", CONFIG_TIME, OF_SINK(backoff_max), RANGE(SECONDS(60), HOURS(24)), .preset = "5m",
	  .help = "The longest such wait, and the time between two attempts while the receiver refuses who we are" },
	{ "forward", "heartbeat", CONFIG_TIME, OF_SINK(heartbeat), .off = true, RANGE(SECONDS(1), DAYS(7)), .preset = "5m",
	  .help = "Time between two records that say nothing but that the sensor is alive" },
	{ "forward", "overlap", CONFIG_TIME, OF_SINK(overlap), .off = true, RANGE(SECONDS(1), HOURS(1)), .preset = "1m",
	  .help = "Of syslog over TCP and TLS, which do not answer: after a connection broke, what was sent so long before is "
		  "sent again" },
	{ "forward", "connect_timeout", CONFIG_TIME, OF_SINK(connect_timeout), RANGE(MS(100), SECONDS(300)), .preset = "10s",
	  .help = "Time for a connection, with TLS" },
	{ "forward", "max_time", CONFIG_TIME, OF_SINK(max_time), RANGE(SECONDS(1), SECONDS(600)), .preset = "30s",
	  .help = "Time for a request and its answer" },
	{ "forward", "proxy", CONFIG_TEXT, OF_SINK(proxy), .max = 1024, .absent = "none, whatever the environment says",
	  .help = "Proxy to go through, like http://proxy.example:3128; never with a user or password" },
	{ "forward", "noproxy", CONFIG_TEXT, OF_SINK(noproxy), .max = 1024, .absent = "the proxy is for all hosts",
	  .help = "Hosts, separated by commas, for which the proxy is not used" },
	{ "forward", "proxy_user", CONFIG_TEXT, OF_SINK(proxy_user), .max = 255, .absent = "the proxy is not told who we are",
	  .help = "User that the proxy knows us by" },
	{ "forward", "proxy_password_file", CONFIG_PATH, OF_SINK(proxy_password.file), .absent = "see 'proxy_password_env'",
	  .help = "File that holds that user's password" },
	{ "forward", "proxy_password_env", CONFIG_NAME, OF_SINK(proxy_password.env), .max = 63,
	  .absent = "needed beside 'proxy_user', unless 'proxy_password_file' is there",
	  .help = "Variable of the environment that holds it" },
	{ "forward", "interface", CONFIG_TEXT, OF_SINK(interface), .max = 255, .absent = "as the system routes",
	  .help = "Interface or address to connect from" },
	{ "forward", "cacert", CONFIG_PATH, OF_SINK(cacert), .absent = "the authorities that the system trusts",
	  .help = "PEM file of the authorities that may vouch for the receiver" },
	{ "forward", "capath", CONFIG_PATH, OF_SINK(capath), .absent = "no folder of its own",
	  .help = "Folder of such files, as openssl rehash makes it" },
	{ "forward", "crlfile", CONFIG_PATH, OF_SINK(crlfile), .absent = "none is looked at",
	  .help = "PEM file of certificates that are revoked" },
	{ "forward", "cert", CONFIG_PATH, OF_SINK(cert), .absent = "none is shown",
	  .help = "PEM file of our certificate for the receiver" },
	{ "forward", "key", CONFIG_PATH, OF_SINK(key), .absent = "the key stands in the file of the certificate",
	  .help = "PEM file of its private key" },
	{ "forward", "pass_file", CONFIG_PATH, OF_SINK(pass.file), .absent = "the key needs none",
	  .help = "File that holds the passphrase of the key" },
	{ "forward", "pass_env", CONFIG_NAME, OF_SINK(pass.env), .max = 63, .absent = "see 'pass_file'",
	  .help = "Variable of the environment that holds it" },
	{ "forward", "tls_min", CONFIG_WORD, OF_SINK(tls_min), .preset = "1.2", .words = tls_versions,
	  .help = "The oldest version of TLS that is used" },
	{ "forward", "tls_max", CONFIG_WORD, OF_SINK(tls_max), .preset = "1.3", .words = tls_versions,
	  .help = "The newest one" },
	{ "forward", "ciphers", CONFIG_TEXT, OF_SINK(ciphers), .max = 2048, .absent = "the TLS library's choice",
	  .help = "Ciphers up to TLS 1.2, in the words of the TLS library" },
	{ "forward", "tls13_ciphers", CONFIG_TEXT, OF_SINK(tls13_ciphers), .max = 2048, .absent = "the TLS library's choice",
	  .help = "Ciphers of TLS 1.3" },
	{ "forward", "pinnedpubkey", CONFIG_TEXT, OF_SINK(pinnedpubkey), .max = 2048, .absent = "any key that is vouched for",
	  .help = "Hash of the receiver's public key, like sha256//BASE64" },
	{ "forward", "insecure", CONFIG_BOOL, OF_SINK(insecure), .preset = "false",
	  .help = "Believe whoever answers to be the receiver: nothing is verified; for a first try only" },
	{ "forward", "token_file", CONFIG_PATH, OF_SINK(token.file), .absent = "see 'token_env'",
	  .help = "File that holds the token: of splunk its HEC token, of elasticsearch an API key, of webhook a bearer token" },
	{ "forward", "token_env", CONFIG_NAME, OF_SINK(token.env), .max = 63, .absent = "needed by splunk, unless 'token_file' is there",
	  .help = "Variable of the environment that holds it" },
	{ "forward", "user", CONFIG_TEXT, OF_SINK(user), .max = 255, .absent = "no basic authentication",
	  .help = "Of elasticsearch and webhook: user of basic authentication" },
	{ "forward", "password_file", CONFIG_PATH, OF_SINK(password.file), .absent = "see 'password_env'",
	  .help = "File that holds the user's password, of sentinel the client secret of the application" },
	{ "forward", "password_env", CONFIG_NAME, OF_SINK(password.env), .max = 63,
	  .absent = "needed beside 'user' and by sentinel, unless 'password_file' is there",
	  .help = "Variable of the environment that holds it" },
	{ "forward", "tenant", CONFIG_TEXT, OF_SINK(tenant), .max = 255, .absent = "needed by sentinel",
	  .help = "Of sentinel: the directory (tenant) of the application" },
	{ "forward", "client_id", CONFIG_TEXT, OF_SINK(client_id), .max = 255, .absent = "needed by sentinel",
	  .help = "Of sentinel: the application's id" },
	{ "forward", "authority", CONFIG_TEXT, OF_SINK(authority), .max = 2048, .preset = "https://login.microsoftonline.com",
	  .help = "Of sentinel: where its tokens come from" },
	{ "forward", "framing", CONFIG_WORD, OF_SINK(framing), .preset = "octet-counting", .words = framings,
	  .help = "Of syslog over TCP and TLS: where a record ends, by its length (RFC 6587 section 3.4.1) or at a line feed" },
	{ "forward", "facility", CONFIG_WORD, OF_SINK(facility), .preset = "local0", .words = facilities,
	  .help = "Of syslog: the facility" },
	{ "forward", "hostname", CONFIG_TEXT, OF_SINK(hostname), .max = 255, .absent = "the name of the host",
	  .help = "Of syslog: HOSTNAME" },
	{ "forward", "enterprise", CONFIG_INT, OF_SINK(enterprise), RANGE(1, UINT32_MAX), .unit = "(a private enterprise number)",
	  .preset = "32473", .help = "Of syslog: whose structured data it is; the default is the number for examples (RFC 5612)" },
	{ "forward", "max_record", CONFIG_INT, OF_SINK(max_record), RANGE(480, 65536), .unit = "bytes", .preset = "8192",
	  .help = "Of syslog: the longest record; a longer one is cut, and marked" },
	{ "forward", "ack", CONFIG_BOOL, OF_SINK(ack), .preset = "false",
	  .help = "Of splunk: wait until what was sent is indexed, with a token that has indexer acknowledgement" },
	{ "forward", "index", CONFIG_TEXT, OF_SINK(index), .max = 255, .absent = "the token's index; needed by elasticsearch",
	  .help = "Of splunk the index; of elasticsearch the data stream, like logs-zonetap.alerts-default" },
	{ "forward", "source", CONFIG_TEXT, OF_SINK(source), .max = 255, .absent = "zonetap",
	  .help = "Of splunk: the source" },
	{ "forward", "sourcetype", CONFIG_TEXT, OF_SINK(sourcetype), .max = 255, .absent = "zonetap:alert",
	  .help = "Of splunk: the source type" },
	{ "forward", "dcr", CONFIG_TEXT, OF_SINK(dcr), .max = 255, .absent = "needed by sentinel",
	  .help = "Of sentinel: the immutable id of the data collection rule, like dcr-00000000000000000000000000000000" },
	{ "forward", "stream", CONFIG_TEXT, OF_SINK(stream), .max = 255, .absent = "needed by sentinel",
	  .help = "Of sentinel: the stream of the rule, like Custom-ZonetapAlerts" },
	{ "forward", "content_type", CONFIG_TEXT, OF_SINK(content_type), .max = 255,
	  .absent = "application/x-ndjson, of one record at a time application/json",
	  .help = "Of webhook: Content-Type" },
	{ "forward", "gzip", CONFIG_BOOL, OF_SINK(gzip), .preset = "false",
	  .help = "Over HTTP: compress what is sent" },
	{ "forward", "rotate_size", CONFIG_SIZE, OF_SINK(rotate_size), .off = true, RANGE(KIB(64), TIB(1)), .preset = "100MiB",
	  .help = "Of file: size at which it is renamed and a new one begun; a pipe is not" },
	{ "forward", "rotate_keep", CONFIG_INT, OF_SINK(rotate_keep), RANGE(1, 1000), .unit = "files", .preset = "5",
	  .help = "Of file: old ones that are kept" },

	{ "", "spool", CONFIG_SECTION,
	  .help = "What may wait in the database for receivers that are away; past it the oldest of the lowest severity goes first, "
		  "and the receiver is told how many went" },
	{ "spool", "rows", CONFIG_INT, TOP(spool.rows), .off = true, RANGE(1000, UINT32_MAX), .unit = "records", .preset = "1000000",
	  .help = "How many" },
	{ "spool", "bytes", CONFIG_SIZE, TOP(spool.bytes), .off = true, RANGE(MIB(1), TIB(16)), .preset = "1GiB",
	  .help = "How many bytes" },
	{ "spool", "age", CONFIG_TIME, TOP(spool.age), .off = true, RANGE(SECONDS(60), DAYS(3650)), .preset = "30d",
	  .help = "For how long" },
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
		[CONFIG_FILTER] = "capture filter", [CONFIG_TEXT] = "text", [CONFIG_EXPR] = "expression", [CONFIG_PATH] = "path", [CONFIG_PATHS] = "path or list of paths",
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
	case CONFIG_TEXT:
	case CONFIG_EXPR:
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
