/* alerts.h - for the benchmarks of forwarding: JSON lines from standard input, and the processor's time. */
#ifndef TESTS_BENCH_ALERTS_H
#define TESTS_BENCH_ALERTS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ALERTS_MAX 10000

static char *line[ALERTS_MAX];
static size_t length[ALERTS_MAX];       /* bytes, without the line end */
static unsigned lines;

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void load(void)
{
	size_t cap = 0;
	ssize_t n;

	while (lines < ALERTS_MAX && (n = getline(&line[lines], &cap, stdin)) > 0) {
		length[lines] = (size_t)n - (line[lines][n - 1] == '\n');
		lines++;
		cap = 0;
	}
}

static void unload(void)
{
	while (lines > 0)
		free(line[--lines]);
}

#endif
