/* Countries and networks of addresses: databases that are there, absent, wrong, replaced, damaged. */
#include "base/hash.h"
#include "inventory/geo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64] = "/tmp/zonetap-geo.XXXXXX", country[96], network[96];
static char said[4096];

static void say(void *arg, const char *line)
{
	(void)arg;
	snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", line);
}

static void need(const char *path, const char *rows)
{
	const char *top = getenv("top_srcdir");
	char command[2000];

	snprintf(command, sizeof command, "python3 '%s/tests/lib/mmdb.py' '%s' '%s'", top ? top : ".", path, rows);
	assert_int_equal(system(command), 0);
}

static struct geo *with(const char *a, const char *b)
{
	const char *paths[2] = { a, b };

	said[0] = '\0';
	return geo_new(paths, b ? 2 : 1, say, NULL);
}

static struct geo_facts of(struct geo *g, const char *ip)
{
	struct geo_facts f = { 0 };
	struct ip_addr a;

	assert_true(addr_parse(ip, &a));
	if (!geo_find(g, &a, &f))
		f = (struct geo_facts){ 0 };
	return f;
}

#define FRANCE "[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"FR\", \"names\": {\"en\": \"France\"}}}]]"
#define ITALY "[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"IT\", \"names\": {\"en\": \"Italy\"}}}]]"

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(country, sizeof country, "%s/country.mmdb", folder);
	snprintf(network, sizeof network, "%s/network.mmdb", folder);
	return 0;
}

static void files_add_what_they_hold(void **state)
{
	struct geo *g;

	(void)state;
	need(country, "[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"FR\", \"names\": {\"en\": \"France\"}}}],"
		      " [\"2a00::/16\", {\"registered_country\": {\"iso_code\": \"IE\"}}]]");
	need(network, "[[\"51.83.0.0/16\", {\"autonomous_system_number\": 16276, \"autonomous_system_organization\": \"OVH\"}]]");
	g = with(country, network);
	assert_non_null(g);
	assert_string_equal(said, "");
	assert_string_equal(of(g, "51.1.1.1").country, "FR");
	assert_string_equal(of(g, "51.1.1.1").name, "France");
	assert_int_equal(of(g, "51.1.1.1").asn, 0);
	assert_int_equal(of(g, "51.83.7.7").asn, 16276);
	assert_string_equal(of(g, "51.83.7.7").org, "OVH");
	assert_string_equal(of(g, "51.83.7.7").country, "FR");
	assert_string_equal(of(g, "2a00::1").country, "IE");
	assert_string_equal(of(g, "2a00::1").name, "");
	assert_string_equal(of(g, "9.9.9.9").country, "");
	assert_true(geo_identity(g) != 0);
	geo_free(g);
	assert_string_equal(of(NULL, "51.1.1.1").country, "");
}

static void private_addresses_are_not_looked_up(void **state)
{
	struct geo *g;

	(void)state;
	need(country, "[[\"10.0.0.0/8\", {\"country\": {\"iso_code\": \"FR\"}}], [\"fd00::/8\", {\"country\": {\"iso_code\": \"FR\"}}]]");
	g = with(country, NULL);
	assert_string_equal(of(g, "10.1.1.1").country, "");
	assert_string_equal(of(g, "fd00::1").country, "");
	geo_free(g);
}

static void records_of_the_wrong_kind_are_nothing(void **state)
{
	static const char *const wrong[] = {
		"[[\"51.0.0.0/8\", \"FR\"]]", "[[\"51.0.0.0/8\", 7]]", "[[\"51.0.0.0/8\", [1, 2]]]",
		"[[\"51.0.0.0/8\", {\"country\": \"FR\"}]]", "[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": 49}}]]",
		"[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"France\"}}]]", "[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"\"}}]]",
		"[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"f\\\"\"}}]]", "[[\"51.0.0.0/8\", {\"country\": [{\"iso_code\": \"FR\"}]}]]",
		"[[\"51.0.0.0/8\", {\"autonomous_system_number\": \"AS1\"}]]", "[[\"51.0.0.0/8\", {\"autonomous_system_number\": 1.5}]]",
		"[[\"51.0.0.0/8\", {\"autonomous_system_number\": {}}]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct geo *g;

		need(country, wrong[i]);
		g = with(country, NULL);
		assert_string_equal(of(g, "51.1.1.1").country, "");
		assert_int_equal(of(g, "51.1.1.1").asn, 0);
		assert_string_equal(said, "");
		geo_free(g);
	}
}

static void long_texts_are_cut_at_a_character(void **state)
{
	char rows[600], name[200] = "";
	struct geo *g;
	struct geo_facts f;

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(name, "\xc3\xa4");
	snprintf(rows, sizeof rows, "[[\"51.0.0.0/8\", {\"country\": {\"iso_code\": \"FR\", \"names\": {\"en\": \"a%s\"}}}]]", name);
	need(country, rows);
	g = with(country, NULL);
	f = of(g, "51.1.1.1");
	assert_int_equal(strlen(f.name), 59);           /* 1 + 29 times 2: 60 would be half a character */
	geo_free(g);
}

static void what_is_not_there_is_said_once(void **state)
{
	struct geo *g;

	(void)state;
	need(country, FRANCE);
	unlink(country);
	g = with(country, NULL);
	assert_non_null(strstr(said, "country.mmdb: cannot be read; countries and networks are not looked up in it (No such file"));
	assert_string_equal(of(g, "51.1.1.1").country, "");
	said[0] = '\0';
	need(country, FRANCE);
	usleep(1100000);
	geo_refresh(g);
	assert_string_equal(said, "");
	assert_string_equal(of(g, "51.1.1.1").country, "FR");
	geo_free(g);
}

static void a_replaced_file_is_taken_up(void **state)
{
	char other[128];
	struct geo *g;

	(void)state;
	need(country, FRANCE);
	g = with(country, NULL);
	assert_string_equal(of(g, "51.1.1.1").country, "FR");
	snprintf(other, sizeof other, "%s.new", country);
	need(other, ITALY);
	assert_int_equal(rename(other, country), 0);
	usleep(1100000);
	geo_refresh(g);
	assert_string_equal(of(g, "51.1.1.1").country, "IT");

	FILE *f = fopen(country, "w");                  /* somebody writes into it: what was read stays */
	assert_non_null(f);
	fputs("half a file", f);
	fclose(f);
	usleep(1100000);
	geo_refresh(g);
	assert_string_equal(of(g, "51.1.1.1").country, "IT");
	assert_string_equal(of(g, "51.1.1.2").country, "IT");
	assert_non_null(strstr(said, "country.mmdb: not a database that can be read; the one before stays in use (The MaxMind DB"));
	said[0] = '\0';
	usleep(1100000);
	geo_refresh(g);
	assert_string_equal(said, "");                  /* once */
	unlink(country);
	usleep(1100000);
	geo_refresh(g);
	assert_non_null(strstr(said, "the file is gone; what was read of it stays in use"));
	assert_string_equal(of(g, "51.1.1.3").country, "IT");
	geo_free(g);
}

/* Each byte of a small database changed, and the file cut at each place: no lookup may do harm. */
static void a_damaged_file_does_no_harm(void **state)
{
	static uint8_t bytes[65536];
	size_t n;
	FILE *f;

	(void)state;
	need(country, "[[\"51.0.0.0/10\", {\"country\": {\"iso_code\": \"FR\", \"names\": {\"en\": \"France\"}}, \"autonomous_system_number\": 7}]]");
	f = fopen(country, "rb");
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	assert_in_range(n, 100, 2000);
	for (size_t i = 0; i < 2 * n; i++) {
		uint8_t old = bytes[i % n];
		struct geo *g;

		bytes[i % n] = (uint8_t)(i < n ? ~old : old);
		f = fopen(network, "wb");
		fwrite(bytes, 1, i < n ? n : i - n, f);
		fclose(f);
		bytes[i % n] = old;
		g = with(network, NULL);
		of(g, "51.1.1.1");
		of(g, "200.1.1.1");
		of(g, "2a00::1");
		geo_free(g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_add_what_they_hold), cmocka_unit_test(private_addresses_are_not_looked_up),
		cmocka_unit_test(records_of_the_wrong_kind_are_nothing), cmocka_unit_test(long_texts_are_cut_at_a_character),
		cmocka_unit_test(what_is_not_there_is_said_once), cmocka_unit_test(a_replaced_file_is_taken_up),
		cmocka_unit_test(a_damaged_file_does_no_harm),
	};
	int failed;

	if (!geo_version() || system("python3 -c '' 2>/dev/null") != 0) {
		printf("1..0 # SKIP %s\n", geo_version() ? "python3 is not installed" : "built without libmaxminddb");
		return 0;
	}
	hash_init();
	failed = cmocka_run_group_tests(tests, setup, NULL);
	unlink(country);
	unlink(network);
	rmdir(folder);
	return failed;
}
