/* Where a syslog receiver is, and what is not said so. */
#include "forward/syslog_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void urls_are_read(void **state)
{
	static const struct { const char *url; enum syslog_transport transport; const char *host; uint16_t port; } rows[] = {
		{ "udp://siem.example", SYSLOG_UDP, "siem.example", 514 },
		{ "tcp://10.0.0.5:1514", SYSLOG_TCP, "10.0.0.5", 1514 },
		{ "tls://siem", SYSLOG_TLS, "siem", 6514 },
		{ "TLS://Siem:65535", SYSLOG_TLS, "Siem", 65535 },
		{ "tls://[fd00::1]:6514", SYSLOG_TLS, "fd00::1", 6514 },
		{ "udp://[::1]", SYSLOG_UDP, "::1", 514 },
		{ "udp://[fe80::1%eth0]:514", SYSLOG_UDP, "fe80::1%eth0", 514 },
		{ "tcp://under_score:1", SYSLOG_TCP, "under_score", 1 },
	};
	struct syslog_url u;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(syslog_url_parse(rows[i].url, &u, NULL), ZT_OK);
		assert_int_equal(u.transport, rows[i].transport);
		assert_string_equal(u.host, rows[i].host);
		assert_int_equal(u.port, rows[i].port);
	}
}

static void what_is_no_url_is_refused(void **state)
{
	static const char *const rows[] = {
		"", "siem.example", "syslog://siem", "http://siem", "tcp://", "tcp://:514", "tcp://siem:", "tcp://siem:0",
		"tcp://siem:65536", "tcp://siem:99999999999", "tcp://siem:5x", "tcp://siem:514/", "tcp://siem/path", "tcp://user@siem",
		"tcp://fd00::1:514", "tcp://[fd00::1", "tcp://[]:514", "tcp://[fd00::1]x", "tcp://si em", "tcp://siem\n", "udp://a,b",
	};
	struct syslog_url u;
	struct diag d;
	char longest[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		d.text[0] = '\0';
		assert_int_equal(syslog_url_parse(rows[i], &u, &d), ZT_ESYNTAX);
		assert_true(d.text[0] != '\0');
	}
	snprintf(longest, sizeof(longest), "tcp://%0*d", SYSLOG_HOST_MAX, 1);
	assert_int_equal(syslog_url_parse(longest, &u, &d), ZT_OK);
	assert_int_equal(strlen(u.host), SYSLOG_HOST_MAX);
	snprintf(longest, sizeof(longest), "tcp://%0*d", SYSLOG_HOST_MAX + 1, 1);
	assert_int_equal(syslog_url_parse(longest, &u, &d), ZT_ESYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(urls_are_read), cmocka_unit_test(what_is_no_url_is_refused) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
