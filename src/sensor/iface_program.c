/* iface_program.c - programs that seem to send on an interface: by their names and command lines in /proc. */
#include "sensor/iface.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROCESSES_MAX 65536
#define LINE_MAX_BYTES 4096     /* of a command line; what is longer is not looked at */
#define FILE_MAX_BYTES 65536    /* of a .network file */

/* Daemons that speak LLDP on every interface unless they are told otherwise. */
static const struct { const char *comm, *remedy; } lldp[] = {
	{ "lldpd", "lldpcli configure system interface pattern '*,!%s'" },
	{ "lldpad", "lldptool set-lldp -i %s adminStatus=disabled" },
};
/* Programs that send on the interfaces that their command line names. */
static const char *const senders[] = { "dhclient", "dhcpcd", "udhcpc", "wpa_supplicant", "ptp4l", "avahi-autoipd" };

struct process {
	char comm[32];
	char line[LINE_MAX_BYTES];      /* words, each terminated */
	size_t n;
};

static size_t slurp(const char *path, char *out, size_t max)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t got = 1;

	while (fd >= 0 && n < max - 1 && (got = read(fd, out + n, max - 1 - n)) > 0)
		n += (size_t)got;
	if (fd >= 0)
		close(fd);
	out[n] = '\0';
	return n;
}

static bool process_read(const char *pid, struct process *p)
{
	char path[300];

	snprintf(path, sizeof path, "/proc/%s/comm", pid);
	if (slurp(path, p->comm, sizeof p->comm) == 0)
		return false;
	p->comm[strcspn(p->comm, "\n")] = '\0';
	snprintf(path, sizeof path, "/proc/%s/cmdline", pid);
	p->n = slurp(path, p->line, sizeof p->line);
	return true;
}

/* The name stands alone, or behind "-i" or "--interface=". */
static bool names_interface(const struct process *p, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < p->n; i += strlen(p->line + i) + 1) {
		const char *word = p->line + i;
		size_t n = strlen(word);

		if (n >= len && strcmp(word + n - len, name) == 0 &&
		    (n == len || word[n - len - 1] == '=' || (n == len + 2 && word[0] == '-' && word[1] != '-')))
			return true;
	}
	return false;
}

static void lldp_finding(const char *comm, const char *remedy, const char *shell, struct iface_finding *f)
{
	const char *gap = strstr(remedy, "%s");

	*f = (struct iface_finding){ .kind = IFACE_LLDP };
	snprintf(f->what, sizeof f->what, "seems to have LLDP on: %s runs, and sends on every interface it is not kept from", comm);
	snprintf(f->remedy, sizeof f->remedy, "%.*s%s%s", (int)(gap - remedy), remedy, shell, gap + 2);
}

static size_t of_process(const char *pid, const struct process *p, const char *name, const char *shell, struct iface_finding *f)
{
	for (size_t i = 0; i < sizeof lldp / sizeof lldp[0]; i++) {
		if (strcmp(p->comm, lldp[i].comm) == 0) {
			lldp_finding(p->comm, lldp[i].remedy, shell, f);
			return 1;
		}
	}
	for (size_t i = 0; i < sizeof senders / sizeof senders[0]; i++) {
		if (strcmp(p->comm, senders[i]) != 0 || !names_interface(p, name))
			continue;
		*f = (struct iface_finding){ .kind = IFACE_PROGRAM };
		snprintf(f->what, sizeof f->what, "seems to be used by %s (process %.12s), which sends there", p->comm, pid);
		snprintf(f->remedy, sizeof f->remedy, "kill %.12s", pid);
		return 1;
	}
	return 0;
}

/* --- systemd-networkd speaks LLDP where a .network file says EmitLLDP ------------------------------- */

static bool is_yes(const char *s)
{
	static const char *const no[] = { "no", "false", "off", "0", "n", "f" };

	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		size_t n = strlen(no[i]);

		if (strncasecmp(s, no[i], n) == 0 && !isalnum((unsigned char)s[n]))
			return false;
	}
	return *s && *s != '\n';
}

static bool emits_lldp(const char *text)
{
	static const char key[] = "EmitLLDP=";
	bool emits = false;

	for (const char *s = text; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (strncmp(s, key, sizeof key - 1) == 0)
			emits = is_yes(s + sizeof key - 1);
	}
	return emits;
}

static bool networkd_file(const char *folder, char *path, size_t n)
{
	char *text = malloc(FILE_MAX_BYTES);
	DIR *d = opendir(folder);
	bool found = false;

	for (const struct dirent *e; d && text && !found && (e = readdir(d));) {
		const char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".network") != 0)
			continue;
		snprintf(path, n, "%s/%s", folder, e->d_name);
		found = slurp(path, text, FILE_MAX_BYTES) > 0 && emits_lldp(text);
	}
	if (d)
		closedir(d);
	free(text);
	return found;
}

static size_t of_networkd(struct iface_finding *f)
{
	static const char *const folders[] = { "/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network" };
	char path[400];

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		if (!networkd_file(folders[i], path, sizeof path))
			continue;
		*f = (struct iface_finding){ .kind = IFACE_LLDP };
		snprintf(f->what, sizeof f->what, "seems to have LLDP on: systemd-networkd runs, and %.120s says EmitLLDP", path);
		snprintf(f->remedy, sizeof f->remedy, "write EmitLLDP=no into the .network file of the interface, then: networkctl reload");
		return 1;
	}
	return 0;
}

size_t iface_programs(const char *name, struct iface_finding *out, size_t max)
{
	struct process *p = malloc(sizeof *p);
	DIR *proc = opendir("/proc");
	char shell[IFACE_SHELL_TEXT];
	unsigned seen = 0;
	size_t n = 0;

	iface_shell(name, shell);
	for (const struct dirent *e; p && proc && n < max && seen < PROCESSES_MAX && (e = readdir(proc));) {
		if (!isdigit((unsigned char)e->d_name[0]) || !process_read(e->d_name, p))
			continue;
		seen++;
		if (strcmp(p->comm, "systemd-network") == 0)    /* the kernel keeps 15 bytes */
			n += of_networkd(&out[n]);
		else
			n += of_process(e->d_name, p, name, shell, &out[n]);
	}
	if (proc)
		closedir(proc);
	free(p);
	return n;
}
