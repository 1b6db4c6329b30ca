/* find.c - where rules are. */
#include <config.h>

#include "policy/model.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TABLE "attack.yaml"             /* every folder of shipped rules has it */

static bool is_rules(const char *folder, char *out, size_t n)
{
	int len = snprintf(out, n, "%s/" TABLE, folder);

	if (len < 0 || (size_t)len >= n || access(out, R_OK) != 0)
		return false;
	out[(size_t)len - sizeof TABLE] = '\0';
	return true;
}

/* Beside the program that runs, or a folder above it: a build tree. */
static bool beside_program(char *out, size_t n)
{
	char exe[PATH_MAX], folder[PATH_MAX + 16];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);

	for (int up = 0; len > 0 && up < 2; up++) {
		char *slash;

		exe[len] = '\0';
		slash = strrchr(exe, '/');
		if (!slash)
			return false;
		*slash = '\0';
		len = slash - exe;
		snprintf(folder, sizeof folder, "%s/shipped-rules", exe);
		if (is_rules(folder, out, n))
			return true;
		snprintf(folder, sizeof folder, "%s/rules", exe);
		if (is_rules(folder, out, n))
			return true;
	}
	return false;
}

bool find_rules(char *out, size_t n)
{
	const char *own = getenv("ZONETAP_RULES");

	if (own && *own)
		return snprintf(out, n, "%s", own) < (int)n;
	return beside_program(out, n) || is_rules(ZT_RULES_DIR, out, n);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

static int wanted(const struct dirent *d)
{
	return d->d_name[0] != '.' && (ends_with(d->d_name, ".yaml") || ends_with(d->d_name, ".yml")) &&
	       !ends_with(d->d_name, ".example.yaml") && strcmp(d->d_name, TABLE) != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int find_files(const char *folder, char ***files, struct complaints *errs)
{
	struct dirent **found;
	int n = scandir(folder, &found, wanted, by_bytes), kept = 0;
	char **list;

	if (n < 0) {
		complain(errs, folder, 0, 0, NULL, "cannot be read: %s", strerror(errno));
		return -1;
	}
	list = calloc((size_t)n + 1, sizeof *list);
	for (int i = 0; i < n; i++) {
		if (list && asprintf(&list[kept], "%s/%s", folder, found[i]->d_name) > 0)
			kept++;
		free(found[i]);
	}
	free(found);
	if (n == 0 || !list || kept != n)
		complain(errs, folder, 0, 0, NULL, n == 0 ? "holds no rules (*.yaml)" : "too little memory to read it");
	*files = list;
	return list ? kept : -1;
}
