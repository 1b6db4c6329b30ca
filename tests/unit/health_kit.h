/* What the tests of the sensor's health share: a clock that goes when it is told to, a configuration, and what was said.
 * Included by one .c. */
#ifndef TESTS_UNIT_HEALTH_KIT_H
#define TESTS_UNIT_HEALTH_KIT_H

#include "base/clock.h"
#include "sensor/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static uint64_t now;
static struct sensor_config config;
static struct { unsigned n; struct health_facts v[64]; } said;

static uint64_t read_now(void *arg)
{
	(void)arg;
	return now;
}

static void kit_reset(void)
{
	static const struct clock_source source = { read_now, read_now, NULL };

	now = 1000 * SECOND;
	clock_use(&source);
	clock_start();
	memset(&config, 0, sizeof config);
	memset(&said, 0, sizeof said);
}

static void kit_say(const struct health_facts *facts)
{
	assert_true(said.n < sizeof said.v / sizeof said.v[0]);
	said.v[said.n++] = *facts;
}

static unsigned times(enum health_kind kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < said.n; i++)
		n += said.v[i].kind == kind;
	return n;
}

#endif
