/* json_cost.c - what reading an alert's JSON into a tree costs, by base/jtree.h and by jansson: `json_cost COUNT <ALERTS`. */
#include "base/jtree.h"
#include "tests/bench/alerts.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define VALUES 8192

static bool ours(const char *json, size_t n)
{
	int err;
	struct jtree *t = jtree_read(json, n, VALUES, &err, NULL);

	jtree_free(t);
	return t != NULL;
}

static bool theirs(const char *json, size_t n)
{
	json_t *root = json_loadb(json, n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	bool ok = root != NULL;

	json_decref(root);
	return ok;
}

/* Microseconds for one, the best of three; negative: one was not read. */
static double each(bool (*read)(const char *, size_t), unsigned long count)
{
	double best = 0;

	for (unsigned times = 0; times < 3; times++) {
		double from = cpu(), took;

		for (unsigned long i = 0; i < count; i++) {
			if (!read(line[i % lines], length[i % lines]))
				return -1;
		}
		took = cpu() - from;
		best = times == 0 || took < best ? took : best;
	}
	return best / (double)count * 1e6;
}

int main(int argc, char **argv)
{
	unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	double tree, jansson;

	load();
	if (count == 0 || lines == 0) {
		fprintf(stderr, "usage: json_cost COUNT <ALERTS\n");
		return 2;
	}
	tree = each(ours, count);
	jansson = each(theirs, count);
	printf("JSON alone: base/jtree %.2f us, jansson %.2f us, %.1f times as much\n", tree, jansson, jansson / tree);
	unload();
	return tree < 0 || jansson < 0;
}
