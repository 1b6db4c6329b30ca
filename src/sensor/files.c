#include <config.h>

#include "sensor/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define GROUPS_MAX 256
#define MMDB_TAIL (128u << 10)          /* the metadata of a database stands in its last bytes */
#define MMDB_MARK "\xab\xcd\xefMaxMind.com"

struct who {
	uid_t uid;
	gid_t group[GROUPS_MAX];
	int groups;
	char name[64];
	bool exists;                    /* the user of the configuration */
};

struct list {
	struct files_finding *v;
	size_t n;
	const char *user;               /* of the configuration */
	struct who who;                 /* whose rights count */
};

static struct files_finding *say(struct list *l, bool trouble, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static struct files_finding *say(struct list *l, bool trouble, const char *fmt, ...)
{
	struct files_finding *f = &l->v[l->n++];
	va_list ap;

	*f = (struct files_finding){ .trouble = trouble };
	va_start(ap, fmt);
	vsnprintf(f->what, sizeof f->what, fmt, ap);
	va_end(ap);
	return f;
}

#define REMEDY(f, ...) snprintf((f)->remedy, sizeof (f)->remedy, __VA_ARGS__)

static struct who who_is(const char *user)
{
	const struct passwd *p = getpwnam(user);
	struct who w = { .uid = geteuid(), .groups = GROUPS_MAX, .exists = p != NULL };
	const struct passwd *self;

	if (p) {
		w.uid = p->pw_uid;
		snprintf(w.name, sizeof w.name, "%s", user);
		if (getgrouplist(user, p->pw_gid, w.group, &w.groups) < 0)
			w.groups = GROUPS_MAX;
		return w;
	}
	self = getpwuid(w.uid);
	snprintf(w.name, sizeof w.name, "%s", self ? self->pw_name : "this user");
	w.groups = getgroups(GROUPS_MAX - 1, w.group);
	w.groups = w.groups < 0 ? 0 : w.groups;
	w.group[w.groups++] = getegid();
	return w;
}

/* By the permission bits: what an ACL adds is not seen. `bits` as in the last digit of a mode. */
static bool may(const struct who *w, const struct stat *st, unsigned bits)
{
	if (w->uid == 0)
		return true;
	if (w->uid == st->st_uid)
		return (st->st_mode >> 6 & bits) == bits;
	for (int i = 0; i < w->groups; i++) {
		if (w->group[i] == st->st_gid)
			return (st->st_mode >> 3 & bits) == bits;
	}
	return (st->st_mode & bits) == bits;
}

static void folder_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, PATH_MAX, ".");
	else
		snprintf(out, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* The folder of a file that the sensor writes. true: the file can be made there. */
static bool folder(struct list *l, const char *path, const char *what, bool trouble)
{
	char name[PATH_MAX];
	struct stat st;

	folder_of(path, name);
	if (stat(name, &st) != 0) {
		if (errno == ENOENT)
			REMEDY(say(l, trouble, "the folder of the %s is not there: %.300s", what, name),
			       "install -d -o %s -m 0750 %.400s", l->user, name);
		else
			say(l, trouble, "the folder of the %s cannot be looked at: %.300s: %s", what, name, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		say(l, trouble, "the folder of the %s is no folder: %.300s", what, name);
		return false;
	}
	if (may(&l->who, &st, 3))
		return true;
	REMEDY(say(l, trouble, "the folder of the %s cannot be written by %s: %.300s", what, l->who.name, name),
	       "chown %s %.400s", l->user, name);
	return false;
}

static void database(struct list *l, const struct sensor_config *c)
{
	char name[PATH_MAX];
	struct statvfs disk;
	struct stat st;
	uint64_t room;

	if (!folder(l, c->database.path, "database", true))
		return;
	st.st_blocks = 0;
	if (stat(c->database.path, &st) == 0 && (!S_ISREG(st.st_mode) || !may(&l->who, &st, 6)))
		REMEDY(say(l, true, "the database cannot be written by %s: %.300s", l->who.name, c->database.path),
		       "chown %s %.400s", l->user, c->database.path);
	folder_of(c->database.path, name);
	if (!c->database.max_size || statvfs(name, &disk) != 0)
		return;
	room = (uint64_t)disk.f_bavail * disk.f_frsize + (uint64_t)st.st_blocks * 512;
	if (room < c->database.max_size)
		say(l, false, "the disk of the database has room for %" PRIu64 " MiB: it is full before 'max_size' (%" PRIu64 " MiB) is reached",
		    room >> 20, c->database.max_size >> 20);
}

static void metrics(struct list *l, const struct sensor_config *c)
{
	const char *dot = c->metrics.file ? strrchr(c->metrics.file, '.') : NULL;

	if (!c->metrics.file)
		return;
	folder(l, c->metrics.file, "metrics", true);
	if (!dot || strcmp(dot, ".prom") != 0)
		say(l, false, "a node exporter reads files called *.prom only, not %.300s", c->metrics.file);
}

static bool has_mark(int fd, off_t size)
{
	size_t n = size < (off_t)MMDB_TAIL ? (size_t)size : MMDB_TAIL;
	char *tail = malloc(n + 1);
	ssize_t got = tail ? pread(fd, tail, n, size - (off_t)n) : -1;
	bool found = got > 0 && memmem(tail, (size_t)got, MMDB_MARK, sizeof MMDB_MARK - 1);

	free(tail);
	return found;
}

static void geo(struct list *l, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		say(l, false, "%.400s is not there: until it is, addresses lack what it knows", path);
	else if (fd < 0 || fstat(fd, &st) != 0)
		say(l, true, "%.400s cannot be read: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || !has_mark(fd, st.st_size))
		say(l, true, "%.400s is no database in MaxMind's format", path);
	else if (!may(&l->who, &st, 4))
		REMEDY(say(l, true, "%.400s cannot be read by %s", path, l->who.name), "chmod a+r %.400s", path);
	if (fd >= 0)
		close(fd);
}

/* --- of sinks ----------------------------------------------------------------------------------------------------- */

enum what { IS_FILE, IS_FOLDER, IS_KEY, IS_SECRET };     /* the drivers do not take a secret that everybody can read */

/* A file or folder that the sink reads, called `key` in the configuration. */
static void readable(struct list *l, const struct sink_conf *c, const char *key, const char *path, enum what what)
{
	bool is_folder = what == IS_FOLDER;
	struct stat st;

	if (!path)
		return;
	if (stat(path, &st) != 0)
		say(l, true, "%s: '%s' cannot be read: %.300s: %s", c->name, key, path, strerror(errno));
	else if (is_folder ? !S_ISDIR(st.st_mode) : S_ISDIR(st.st_mode))
		say(l, true, "%s: '%s' is %s folder: %.300s", c->name, key, is_folder ? "no" : "a", path);
	else if (!may(&l->who, &st, is_folder ? 5 : 4))
		REMEDY(say(l, true, "%s: '%s' cannot be read by %s: %.300s", c->name, key, l->who.name, path), "chown %s %.400s", l->user, path);
	else if (what >= IS_KEY && st.st_mode & S_IROTH)
		REMEDY(say(l, what == IS_SECRET, "%s: '%s' can be read by everybody on this machine: %.300s", c->name, key, path), "chmod 0600 %.400s", path);
}

static void secret(struct list *l, const struct sink_conf *c, const char *key, const struct sink_secret *s)
{
	char name[32];

	snprintf(name, sizeof name, "%s_file", key);
	readable(l, c, name, s->file, IS_SECRET);
	if (s->env && !getenv(s->env))
		say(l, false, "%s: the variable %s of '%s_env' is not set in this environment", c->name, s->env, key);
}

static void sink(struct list *l, const struct sink_conf *c)
{
	char what[80];
	struct stat st;

	secret(l, c, "token", &c->token);
	secret(l, c, "password", &c->password);
	secret(l, c, "proxy_password", &c->proxy_password);
	secret(l, c, "pass", &c->pass);
	readable(l, c, "cacert", c->cacert, IS_FILE);
	readable(l, c, "capath", c->capath, IS_FOLDER);
	readable(l, c, "crlfile", c->crlfile, IS_FILE);
	readable(l, c, "cert", c->cert, IS_FILE);
	readable(l, c, "key", c->key, IS_KEY);
	snprintf(what, sizeof what, "file of %s", c->name);
	if (!c->path || !folder(l, c->path, what, true) || stat(c->path, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode))
		say(l, true, "%s: 'path' is a folder: %.300s", c->name, c->path);
	else if (!may(&l->who, &st, 2))
		REMEDY(say(l, true, "%s: 'path' cannot be written by %s: %.300s", c->name, l->who.name, c->path), "chown %s %.400s", l->user, c->path);
}

static void user(struct list *l, const struct sensor_config *c)
{
	if (!l->who.exists)
		REMEDY(say(l, false, "there is no user called '%s': started as root, the sensor would not go on", c->user),
		       "useradd --system --no-create-home --shell /usr/sbin/nologin %s", c->user);
	else if (l->who.uid == 0)
		say(l, false, "'%s' is root: the sensor would keep all rights", c->user);
}

size_t files_check(const struct sensor_config *c, struct files_finding out[FILES_FINDINGS_MAX])
{
	struct list l = { .v = out, .user = c->user, .who = who_is(c->user) };

	database(&l, c);
	metrics(&l, c);
	for (uint32_t i = 0; i < c->geo.n; i++)
		geo(&l, c->geo.v[i]);
	for (uint32_t i = 0; i < c->sink_count; i++)
		sink(&l, &c->sinks[i]);
	user(&l, c);
	folder(&l, c->socket, "socket", false);
	return l.n;
}
