/* geo_mmdb.c - databases in MaxMind's format, read by libmaxminddb: the one file that knows it. */
#include <config.h>

#include "inventory/geo.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CACHED 256              /* addresses that a thread remembers; a power of two */
#define LOOK_EVERY_NS 1000000000

struct stamp {                  /* what tells one file from its successor */
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct file {
	const char *path;
	struct stamp stamp;     /* of what was last tried */
	bool tried, missing;    /* missing: said */
	bool open;
	atomic_bool broken;     /* a lookup found its tree or records damaged */
	bool broken_said;
	MMDB_s db;
};

struct geo {
	pthread_rwlock_t lock;  /* lookups read, a replacement writes */
	atomic_ulong generation;        /* unique in the process: what a thread remembers of others does not count */
	geo_say_fn *say;
	void *arg;
	int64_t looked_ns;
	size_t n;
	struct file file[GEO_FILES_MAX];
};

struct remembered {
	unsigned long generation;       /* 0: nothing */
	struct ip_addr ip;
	struct geo_facts facts;
	bool known;
};

static atomic_ulong generations = 1;

const char *geo_version(void)
{
	return MMDB_lib_version();
}

static void complain(struct geo *g, const struct file *f, const char *what, const char *why)
{
	char line[512];

	snprintf(line, sizeof line, "%.300s: %s%s%s%s", f->path, what, why ? " (" : "", why ? why : "", why ? ")" : "");
	g->say(g->arg, line);
}

/* --- files ---------------------------------------------------------------------------------- */

/* The library maps what it opens, and a file that is written to in place may shrink under it: so it gets a copy
 * of its own. Returns a descriptor, or -1 with errno. */
static int copy_of(int from, off_t size)
{
	int to = memfd_create("geo", MFD_CLOEXEC);
	char bytes[65536];
	off_t left = size;

	while (to >= 0 && left > 0) {
		ssize_t n = read(from, bytes, left < (off_t)sizeof bytes ? (size_t)left : sizeof bytes);

		if (n <= 0 || write(to, bytes, (size_t)n) != n) {
			if (n == 0)
				errno = EAGAIN;         /* it is being written just now */
			close(to);
			return -1;
		}
		left -= n;
	}
	return to;
}

/* The database at path into *db; NULL, or why not. */
static const char *open_copy(int fd, off_t size, MMDB_s *db)
{
	char name[64];
	int copy, err;

	if (size > (off_t)GEO_FILE_BYTES_MAX)
		return "it is larger than 512 MB";
	copy = copy_of(fd, size);
	if (copy < 0)
		return strerror(errno);
	snprintf(name, sizeof name, "/proc/self/fd/%d", copy);
	err = MMDB_open(name, MMDB_MODE_MMAP, db);
	close(copy);
	return err == MMDB_SUCCESS ? NULL : MMDB_strerror(err);
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size && a->mtime.tv_sec == b->mtime.tv_sec &&
	       a->mtime.tv_nsec == b->mtime.tv_nsec;
}

static void take(struct geo *g, struct file *f, const MMDB_s *db)
{
	MMDB_s old;
	bool had;

	pthread_rwlock_wrlock(&g->lock);
	had = f->open;
	old = f->db;
	f->db = *db;
	f->open = true;
	atomic_store(&f->broken, false);
	atomic_store(&g->generation, atomic_fetch_add(&generations, 1) + 1);
	pthread_rwlock_unlock(&g->lock);
	f->broken_said = false;
	if (had)
		MMDB_close(&old);
}

static void look_at(struct geo *g, struct file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	struct stamp now;
	const char *why;
	MMDB_s db;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		if (!f->missing)
			complain(g, f, f->open ? "the file is gone; what was read of it stays in use" :
				 "cannot be read; countries and networks are not looked up in it",
				 fd < 0 ? strerror(errno) : "not a file");
		f->missing = true;
		goto out;
	}
	f->missing = false;
	now = (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
	if (f->tried && same_stamp(&now, &f->stamp))
		goto out;
	f->tried = true;
	f->stamp = now;
	why = open_copy(fd, st.st_size, &db);
	if (why)
		complain(g, f, f->open ? "not a database that can be read; the one before stays in use" :
			 "not a database that can be read; it is left out", why);
	else
		take(g, f, &db);
out:
	if (fd >= 0)
		close(fd);
}

static void say_damage(struct geo *g, struct file *f)
{
	if (atomic_load(&f->broken) && !f->broken_said)
		complain(g, f, "the database is damaged: some addresses are not found in it", NULL);
	f->broken_said = atomic_load(&f->broken);
}

void geo_refresh(struct geo *g)
{
	struct timespec now;
	int64_t now_ns;

	if (!g)
		return;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (now_ns < g->looked_ns + LOOK_EVERY_NS)
		return;
	g->looked_ns = now_ns;
	for (size_t i = 0; i < g->n; i++) {
		struct file *f = &g->file[i];

		look_at(g, f);
		say_damage(g, f);
	}
}

uint64_t geo_identity(struct geo *g)
{
	struct { uint64_t seed, epoch, nodes, version; } key = { 0, 0, 0, 0 };

	if (!g)
		return 0;
	pthread_rwlock_rdlock(&g->lock);
	for (size_t i = 0; i < g->n; i++) {
		const MMDB_metadata_s *m = &g->file[i].db.metadata;

		if (!g->file[i].open)
			continue;
		key.epoch = m->build_epoch;
		key.nodes = m->node_count;
		key.version = m->ip_version;
		key.seed = hash_stable(&key, sizeof key) ^ hash_stable(m->database_type, strlen(m->database_type));
	}
	pthread_rwlock_unlock(&g->lock);
	return key.seed;
}

struct geo *geo_new(const char *const *paths, size_t n, geo_say_fn *say, void *arg)
{
	struct geo *g = n ? calloc(1, sizeof *g) : NULL;

	if (!g)
		return NULL;
	if (pthread_rwlock_init(&g->lock, NULL) != 0) {
		free(g);
		return NULL;
	}
	g->say = say;
	g->arg = arg;
	g->looked_ns = -LOOK_EVERY_NS;
	g->n = n < GEO_FILES_MAX ? n : GEO_FILES_MAX;
	atomic_store(&g->generation, atomic_fetch_add(&generations, 1) + 1);
	for (size_t i = 0; i < g->n; i++)
		g->file[i].path = paths[i];
	geo_refresh(g);
	return g;
}

void geo_free(struct geo *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n; i++) {
		say_damage(g, &g->file[i]);
		if (g->file[i].open)
			MMDB_close(&g->file[i].db);
	}
	pthread_rwlock_destroy(&g->lock);
	free(g);
}

/* --- lookups --------------------------------------------------------------------------------- */

/* A text that is not too long, of printable characters; cut before the character that does not fit. */
static void text_of(const MMDB_entry_data_s *d, char *out, size_t max)
{
	size_t n = d->data_size < max - 1 ? d->data_size : max - 1;

	if (!d->has_data || d->type != MMDB_DATA_TYPE_UTF8_STRING)
		return;
	while (n < d->data_size && n > 0 && ((uint8_t)d->utf8_string[n] & 0xc0) == 0x80)
		n--;
	memcpy(out, d->utf8_string, n);
	out[n] = '\0';
}

static void country_of(MMDB_entry_s *e, const char *which, struct geo_facts *out)
{
	MMDB_entry_data_s d;

	if (MMDB_get_value(e, &d, which, "iso_code", NULL) != MMDB_SUCCESS || !d.has_data ||
	    d.type != MMDB_DATA_TYPE_UTF8_STRING || d.data_size != 2)
		return;
	for (int i = 0; i < 2; i++) {
		if (d.utf8_string[i] < 'A' || d.utf8_string[i] > 'Z')
			return;
	}
	memcpy(out->country, d.utf8_string, 2);
	if (MMDB_get_value(e, &d, which, "names", "en", NULL) == MMDB_SUCCESS)
		text_of(&d, out->name, sizeof out->name);
}

static void network_of(MMDB_entry_s *e, struct geo_facts *out)
{
	MMDB_entry_data_s d;

	if (MMDB_get_value(e, &d, "autonomous_system_number", NULL) != MMDB_SUCCESS || !d.has_data)
		return;
	if (d.type == MMDB_DATA_TYPE_UINT32)
		out->asn = d.uint32;
	else if (d.type == MMDB_DATA_TYPE_UINT16)
		out->asn = d.uint16;
	if (out->asn && MMDB_get_value(e, &d, "autonomous_system_organization", NULL) == MMDB_SUCCESS)
		text_of(&d, out->org, sizeof out->org);
}

static void find_in(struct file *f, const struct sockaddr *sa, struct geo_facts *out)
{
	int err = MMDB_SUCCESS;
	MMDB_lookup_result_s r = MMDB_lookup_sockaddr(&f->db, sa, &err);

	if (err == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR)
		return;
	if (err != MMDB_SUCCESS) {
		atomic_store(&f->broken, true);
		return;
	}
	if (!r.found_entry)
		return;
	if (!out->country[0])
		country_of(&r.entry, "country", out);
	if (!out->country[0])
		country_of(&r.entry, "registered_country", out);
	if (!out->asn)
		network_of(&r.entry, out);
}

static bool find(struct geo *g, const struct ip_addr *ip, struct geo_facts *out)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *sa = addr_is_v4(ip) ? (const void *)&v4 : (const void *)&v6;

	memcpy(&v4.sin_addr, ip->b + 12, 4);
	memcpy(&v6.sin6_addr, ip->b, 16);
	*out = (struct geo_facts){ 0 };
	for (size_t i = 0; i < g->n; i++) {
		if (g->file[i].open)
			find_in(&g->file[i], sa, out);
	}
	return out->country[0] || out->asn;
}

bool geo_find(struct geo *g, const struct ip_addr *ip, struct geo_facts *out)
{
	static _Thread_local struct remembered seen[CACHED];
	struct remembered *r;

	if (!g || !addr_is_public(ip))
		return false;
	r = &seen[hash_fold(ip->q[0] ^ hash_keys[0], ip->q[1] ^ hash_keys[1]) & (CACHED - 1)];
	if (r->generation != atomic_load(&g->generation) || !addr_eq(&r->ip, ip)) {
		pthread_rwlock_rdlock(&g->lock);
		r->known = find(g, ip, &r->facts);
		r->generation = atomic_load(&g->generation);
		pthread_rwlock_unlock(&g->lock);
		r->ip = *ip;
	}
	*out = r->facts;
	return r->known;
}
