/* config.h - zonetap.yaml: what a running sensor is told.
 *
 * Every setting is one row of a table (config_row()): the reader, its complaints, the defaults and
 * zonetap.yaml(5) come from that row. A configuration is read by the main thread before anything
 * starts; afterwards it is not changed and any thread may read it. */
#ifndef ZT_SENSOR_CONFIG_H
#define ZT_SENSOR_CONFIG_H

#include "engine/writer.h"
#include "forward/conf.h"
#include "policy/complain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_INTERFACES_MAX 32
#define CONFIG_WORKERS_MAX 16           /* of one interface */
#define CONFIG_PATHS_MAX 64             /* of one list of paths */
#define CONFIG_DEFAULT "/etc/zonetap/zonetap.yaml"       /* read when no other file is named */
#define CONFIG_SOCKET "/run/zonetap/zonetap.sock"       /* the default */
#define CONFIG_SNAPLEN_MAX 262144       /* bytes: the most that libpcap takes */

struct arena;

/* Text is terminated and never NULL unless that is said; it lives as long as the configuration. */

enum config_stamps { CONFIG_STAMPS_HOST, CONFIG_STAMPS_ADAPTER };

struct config_interface {
	const char *name;               /* 1..15 bytes, as the kernel takes them */
	const char *segment;            /* of the site; NULL: by the name of the interface, else by the VLAN */
	const char *filter;             /* BPF that compiles for Ethernet; "" everything */
	uint32_t snaplen;               /* bytes of a packet */
	uint64_t ring;                  /* bytes, of each worker's socket */
	uint32_t workers;               /* 1..CONFIG_WORKERS_MAX */
	bool promiscuous;
	uint32_t stamps;                /* enum config_stamps */
	uint32_t segment_line, segment_col;     /* where the segment stands in the file, for complaints */
};

struct config_paths {
	const char *v[CONFIG_PATHS_MAX];
	uint32_t n;
};

struct sensor_config {
	const char *file;               /* as it was opened; "" for config_of_interface() */
	const char *sensor;             /* this sensor's name */
	struct config_interface *interfaces;
	uint32_t interface_count;       /* 1..CONFIG_INTERFACES_MAX */
	const char *site;               /* path; NULL: none */
	struct config_paths rules;      /* n 0: the shipped ones */
	struct config_paths geo;        /* .mmdb files */
	struct {
		const char *path;
		uint64_t max_size;      /* bytes on the disk; 0: no limit */
		uint64_t max_age;       /* ns; 0: for ever */
		uint64_t queue;         /* bytes of alerts that wait in memory while the disk does not take them */
	} database;
	struct {
		uint64_t until;         /* ns since 1970; 0: not said */
		uint64_t period;        /* ns from the start of the sensor, `for:`; 0: not said */
	} learning;                     /* at most one is said; none: off */
	uint32_t flows;                 /* limits.flows: of each worker */
	struct writer_limits limits;    /* the other limits; none is 0 */
	const char *user;               /* to become when started as root */
	const char *socket;             /* path, fits sun_path */
	struct {
		const char *file;       /* path; NULL: none is written */
		uint64_t interval;      /* ns */
	} metrics;
	struct {
		uint64_t window;        /* ns, over which the shares below are taken */
		uint64_t silence;       /* ns without a packet on an interface; 0: off */
		uint32_t one_way;       /* ppm of TCP conversations; 0: off */
		uint32_t duplicates;    /* ppm of packets; 0: off */
		uint32_t undecoded;     /* ppm of industrial PDUs; 0: off */
		uint32_t drops;         /* ppm of packets; 0: off */
		uint64_t clock_jump;    /* ns; 0: off */
		uint64_t heartbeat;     /* ns; 0: off */
		uint64_t behind;        /* ns that the oldest alert may wait for a sink; 0: off */
	} health;
	struct sink_conf *sinks;        /* who gets the alerts */
	uint32_t sink_count;            /* 0..SINKS_MAX */
	struct spool_conf spool;
	struct arena *arena;
};

/* Reads a file. All mistakes go to errs (sorted by line); NULL is returned when there is one. Nothing of what it
 * names is opened: see policy_load(), config_fits_policy() and files_check(). */
struct sensor_config *config_load(const char *path, struct complaints *errs);
/* The same from a text; `file` is its name in complaints, and where relative paths begin. */
struct sensor_config *config_read(const char *file, const char *text, size_t n, struct complaints *errs);
/* One interface and every default, for a first try without a file. Paths stay as they are. NULL after a complaint. */
struct sensor_config *config_of_interface(const char *name, struct complaints *errs);
void config_free(struct sensor_config *c);              /* NULL is allowed */

/* What a configuration says against its site: segments that are not there. `policy` as loaded from c->site and
 * c->rules. false after complaints. */
struct policy;
bool config_fits_policy(const struct sensor_config *c, const struct policy *policy, struct complaints *errs);

/* --- the table ------------------------------------------------------------------------------------- */

enum config_type {
	CONFIG_SECTION,         /* a mapping: its rows follow, with its key as their section */
	CONFIG_SECTIONS,        /* a list of such mappings */
	CONFIG_BOOL,            /* bool */
	CONFIG_INT,             /* uint32_t */
	CONFIG_SIZE,            /* uint64_t, bytes: "64MiB" */
	CONFIG_TIME,            /* uint64_t, ns: "60s", "12h" */
	CONFIG_DATE,            /* uint64_t, ns since 1970 */
	CONFIG_SHARE,           /* uint32_t, ppm: "5%", "0.1%" */
	CONFIG_WORD,            /* uint32_t, index into words */
	CONFIG_NAME,            /* const char *, printable */
	CONFIG_IFNAME,          /* const char *, what the kernel takes as the name of an interface */
	CONFIG_FILTER,          /* const char *, pcap-filter(7) without names that would have to be looked up */
	CONFIG_TEXT,            /* const char *, printable, longer than a name may be */
	CONFIG_EXPR,            /* const char *, an expression over an alert */
	CONFIG_PATH,            /* const char *; relative ones are relative to the file */
	CONFIG_PATHS,           /* struct config_paths: one or a list */
};

struct config_row {
	const char *section, *key;      /* section "" at the top */
	enum config_type type;
	bool must;                      /* has to be there */
	bool off;                       /* the word "off" is taken, and means 0 */
	size_t at;                      /* in struct sensor_config, struct config_interface or struct sink_conf */
	uint64_t min, max;              /* of numbers; of text in bytes, max 0: no other limit than that of its type */
	const char *unit;               /* of CONFIG_INT: "bytes"; the other numbers are written with theirs */
	const char *preset;             /* the default as one would write it; NULL: see `absent` */
	const char *absent;             /* what is done without it, in words; NULL when there is a preset */
	const char *const *words;       /* of CONFIG_WORD, NULL-terminated */
	const char *help;               /* one sentence without its full stop */
};

const struct config_row *config_row(size_t i);          /* NULL behind the last; top-level rows in file order */
#define CONFIG_RANGE_TEXT 96
const char *config_range(const struct config_row *r, char out[CONFIG_RANGE_TEXT]);      /* "1MiB to 1GiB, or off"; "" none */
const char *config_type_text(enum config_type type);    /* "size"; static text */

/* The value of a row as one would write it, or what is done without it. `base`: the configuration, or of a row of
 * "interfaces" the interface, of "forward" the sink. Sections give "". */
struct sbuf;
void config_show(const struct config_row *r, const void *base, struct sbuf *out);

#endif
