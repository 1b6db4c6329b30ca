/* Whole records, character for character: one alert with what every format has to escape. */
#include "forward/format.h"

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static const char alert[] =
		"{\"uid\":\"0011\",\"rev\":1,\"rule\":\"plc-stop\",\"title\":\"Stop = \\\"halt\\\" | ]\","
		"\"class\":\"mode-change\",\"severity\":\"critical\",\"client\":{\"ip\":\"10.0.0.1\","
		"\"port\":40000,\"zone\":\"scada\"},\"server\":{\"ip\":\"2001:db8::2\","
		"\"mac\":\"00:1d:9c:aa:bb:cc\",\"level\":1.5},\"proto\":\"s7comm\",\"op\":\"control\","
		"\"act\":\"stop\",\"func\":{\"code\":41,\"name\":\"plc_stop\"},\"outcome\":\"refused\","
		"\"status\":{\"code\":5},\"count\":3,\"first_seen\":\"2026-03-02T07:10:00.062900001Z\","
		"\"last_seen\":\"2026-03-02T07:10:01.999999999Z\",\"ended\":false,"
		"\"attack\":[{\"id\":\"T0858\",\"name\":\"N\"},{\"id\":\"T1694.001\",\"id_legacy\":\"T0812\","
		"\"name\":\"D\",\"version\":\"19\"}],\"iec62443\":[\"SR 2.1\",\"SR 7.1\"],"
		"\"sensor\":\"line-3\",\"text\":\"A\\nB = \\\"c\\\" | \\\\ ].\"}";

static const struct format_env plain = {
	.hostname = "ot-sensor-1", .sensor = "s", .facility = 16, .enterprise = 32473, .now_ns = UINT64_C(1772435500000000000),
};

static void wanted(enum sink_format f, const struct format_env *e, const char *want)
{
	struct record r;
	struct sbuf b;
	struct diag d;

	assert_int_equal(record_read(&r, 1, 0, alert, strlen(alert), &d), ZT_OK);
	sbuf_init(&b, 1 << 16);
	assert_true(format_record(f, &r, e, &b));
	assert_string_equal(sbuf_text(&b), want);
	sbuf_fini(&b);
	record_fini(&r);
}

static void a_syslog_message(void **state)
{
	(void)state;
	wanted(FORMAT_RFC5424, &plain,
		"<130>1 2026-03-02T07:10:01.999999Z ot-sensor-1 zonetap - mode-change [zonetap@32473 "
		"uid=\"0011\" rev=\"1\" severity=\"critical\" rule=\"plc-stop\" class=\"mode-change\" "
		"src=\"10.0.0.1\" spt=\"40000\" dst=\"2001:db8::2\" outcome=\"refused\" count=\"3\" "
		"proto=\"s7comm\" op=\"control\" act=\"stop\" func=\"plc_stop\" func_code=\"41\" "
		"status=\"0x05\" title=\"Stop = \\\"halt\\\" | \\]\" src_zone=\"scada\" dst_level=\"1.5\" "
		"dmac=\"00:1d:9c:aa:bb:cc\" first_seen=\"2026-03-02T07:10:00.062900Z\" "
		"last_seen=\"2026-03-02T07:10:01.999999Z\" ended=\"false\" attack=\"T0858,T1694.001\" "
		"iec62443=\"SR 2.1,SR 7.1\" sensor=\"line-3\" seq=\"1\"][origin software=\"zonetap\" "
		"swVersion=\"" PACKAGE_VERSION "\"] \xef\xbb\xbf" "A\\x0aB = \"c\" | \\ ].");
}

static void a_cef_record(void **state)
{
	(void)state;
	wanted(FORMAT_CEF, &plain,
		"CEF:0|zonetap|zonetap|" PACKAGE_VERSION "|plc-stop|Stop = \"halt\" \\| ]|10|externalId=0011 cn3=1 "
		"cn3Label=Revision cat=mode-change rt=1772435401999 src=10.0.0.1 spt=40000 c6a3=2001:db8::2 "
		"c6a3Label=Destination IPv6 Address flexString1=refused flexString1Label=Outcome "
		"outcome=failure cnt=3 msg=A\\\\x0aB \\= \"c\" | \\\\ ]. app=s7comm cs2=control stop "
		"cs2Label=Operation cs3=plc_stop cs3Label=Function cn2=41 cn2Label=Function code reason=0x05 "
		"cs1=scada -> ? cs1Label=Zones dmac=00:1d:9c:aa:bb:cc start=1772435400062 end=1772435401999 "
		"cs5=T0858,T1694.001 cs5Label=ATT&CK techniques cs6=SR 2.1,SR 7.1 cs6Label=IEC 62443-3-3 "
		"deviceExternalId=line-3 dvchost=ot-sensor-1");
}

static void a_leef_record(void **state)
{
	(void)state;
	wanted(FORMAT_LEEF, &plain,
		"LEEF:2.0|zonetap|zonetap|" PACKAGE_VERSION "|plc-stop|0x09|"
		"uid=0011\trev=1\tseverity=critical\tsev=10\tcat=mode-change\tdevTime=2026-03-02T07:10:01.999+0000\tdevTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ\tsrc=10.0.0.1\tsrcPort=40000\tdst=2001:db8::2\toutcome=refused\tcount=3\tmsg=A\\x0aB "
		"= \"c\" | \\ "
		"].\tapp=s7comm\top=control\tact=stop\tfunc=plc_stop\tfuncCode=41\tstatus=0x05\ttitle=Stop = "
		"\"halt\" | "
		"]\tsrcZone=scada\tdstLevel=1.5\tdstMAC=00:1d:9c:aa:bb:cc\tfirstSeen=2026-03-02T07:10:00.062+0000\tlastSeen=2026-03-02T07:10:01.999+0000\tended=false\tattack=T0858,"
		"T1694.001\tiec62443=SR 2.1,SR 7.1\tsensor=line-3\tseq=1");
}

static void an_ecs_document(void **state)
{
	(void)state;
	wanted(FORMAT_ECS, &plain,
		"{\"@timestamp\":\"2026-03-02T07:10:01.999999999Z\",\"destination\":{\"ip\":\"2001:db8::2\","
		"\"mac\":\"00-1D-9C-AA-BB-CC\"},\"ecs\":{\"version\":\"9.0.0\"},"
		"\"event\":{\"action\":\"stop\",\"category\":[\"intrusion_detection\",\"network\"],"
		"\"code\":\"plc-stop\",\"created\":\"2026-03-02T07:11:40.000000000Z\","
		"\"dataset\":\"zonetap.alerts\",\"end\":\"2026-03-02T07:10:01.999999999Z\",\"id\":\"0011\","
		"\"kind\":\"alert\",\"module\":\"zonetap\",\"outcome\":\"failure\",\"reason\":\"0x05\","
		"\"sequence\":1,\"severity\":99,\"start\":\"2026-03-02T07:10:00.062900001Z\","
		"\"type\":[\"info\",\"denied\"]},\"message\":\"A\\\\x0aB = \\\"c\\\" | \\\\ ].\","
		"\"network\":{\"protocol\":\"s7comm\"},\"observer\":{\"hostname\":\"ot-sensor-1\","
		"\"ingress\":{\"zone\":\"scada\"},\"name\":\"line-3\",\"product\":\"zonetap\","
		"\"type\":\"sensor\",\"vendor\":\"zonetap\",\"version\":\"" PACKAGE_VERSION "\"},\"ot\":{\"act\":\"stop\","
		"\"attack_legacy\":[\"T0812\"],\"client_zone\":\"scada\",\"count\":3,\"ended\":false,"
		"\"func\":\"plc_stop\",\"func_code\":41,\"iec62443\":[\"SR 2.1\",\"SR 7.1\"],"
		"\"op\":\"control\",\"outcome\":\"refused\",\"rev\":1,\"server_level\":1.5,"
		"\"severity\":\"critical\",\"status_code\":5},\"related\":{\"ip\":[\"10.0.0.1\","
		"\"2001:db8::2\"]},\"rule\":{\"category\":\"mode-change\",\"id\":\"plc-stop\","
		"\"name\":\"Stop = \\\"halt\\\" | ]\"},\"source\":{\"ip\":\"10.0.0.1\",\"port\":40000},"
		"\"threat\":{\"framework\":\"MITRE ATT&CK\",\"technique\":{\"id\":[\"T0858\",\"T1694\"],"
		"\"name\":[\"N\"],\"subtechnique\":{\"id\":[\"T1694.001\"],\"name\":[\"D\"]}}}}");
}

static void an_ocsf_finding(void **state)
{
	(void)state;
	wanted(FORMAT_OCSF, &plain,
		"{\"activity_id\":1,\"activity_name\":\"Create\",\"category_name\":\"Findings\","
		"\"category_uid\":2,\"class_name\":\"Detection Finding\",\"class_uid\":2004,\"count\":3,"
		"\"end_time\":1772435401999,\"evidences\":[{\"dst_endpoint\":{\"ip\":\"2001:db8::2\","
		"\"mac\":\"00:1d:9c:aa:bb:cc\"},\"src_endpoint\":{\"ip\":\"10.0.0.1\",\"port\":40000,"
		"\"zone\":\"scada\"}}],\"finding_info\":{\"analytic\":{\"name\":\"Stop = \\\"halt\\\" | ]\","
		"\"type\":\"Rule\",\"type_id\":1,\"uid\":\"plc-stop\"},"
		"\"attacks\":[{\"technique\":{\"name\":\"N\",\"uid\":\"T0858\"}},"
		"{\"sub_technique\":{\"name\":\"D\",\"uid\":\"T1694.001\"},\"technique\":{\"uid\":\"T1694\"},"
		"\"version\":\"19\"}],\"created_time\":1772435400062,\"desc\":\"A\\\\x0aB = \\\"c\\\" | \\\\ "
		"].\",\"first_seen_time\":1772435400062,\"last_seen_time\":1772435401999,"
		"\"modified_time\":1772435401999,\"title\":\"Stop = \\\"halt\\\" | ]\","
		"\"types\":[\"mode-change\"],\"uid\":\"0011\"},\"is_alert\":true,\"message\":\"A\\\\x0aB = "
		"\\\"c\\\" | \\\\ ].\",\"metadata\":{\"logged_time\":1772435500000,"
		"\"product\":{\"name\":\"zonetap\",\"vendor_name\":\"zonetap\",\"version\":\"" PACKAGE_VERSION "\"},"
		"\"sequence\":1,\"uid\":\"0011-1\",\"version\":\"1.6.0\"},\"severity\":\"Critical\","
		"\"severity_id\":5,\"start_time\":1772435400062,\"status\":\"New\",\"status_id\":1,"
		"\"time\":1772435401999,\"timezone_offset\":0,\"type_name\":\"Detection Finding: Create\","
		"\"type_uid\":200401,\"unmapped\":{\"act\":\"stop\",\"attack_legacy\":[\"T0812\"],"
		"\"ended\":false,\"func\":\"plc_stop\",\"func_code\":41,\"hostname\":\"ot-sensor-1\","
		"\"iec62443\":[\"SR 2.1\",\"SR 7.1\"],\"op\":\"control\",\"outcome\":\"refused\","
		"\"proto\":\"s7comm\",\"rev\":1,\"sensor\":\"line-3\",\"server_level\":1.5,"
		"\"status\":\"0x05\",\"status_code\":5}}");
}

static void the_alert_itself(void **state)
{
	(void)state;
	wanted(FORMAT_JSON, &plain, alert);
}

static void headers_of_syslog(void **state)
{
	struct format_env e = plain;
	struct record r;
	struct sbuf b;
	struct diag d;

	(void)state;
	e.syslog = true;
	e.facility = 23;
	e.hostname = "a host\n";
	assert_int_equal(record_read(&r, 1, UINT64_C(1500000000), alert, strlen(alert), &d), ZT_OK);
	sbuf_init(&b, 1 << 16);
	for (unsigned f = 0; f < FORMATS; f++) {
		static const char head[] = "<186>1 1970-01-01T00:00:01.500000Z a_host_ zonetap - mode-change ";

		sbuf_reset(&b);
		assert_true(format_record((enum sink_format)f, &r, &e, &b));
		assert_memory_equal(b.s, head, strlen(head));
		assert_true(f == FORMAT_RFC5424 ? b.s[strlen(head)] == '[' : strncmp(b.s + strlen(head), "- ", 2) == 0);
	}
	sbuf_fini(&b);
	record_fini(&r);
}

/* No byte before the record is touched, and one that cannot be made fit leaves nothing. */
static void what_does_not_fit(void **state)
{
	struct format_env e = plain;
	struct record r;
	struct diag d;

	(void)state;
	assert_int_equal(record_read(&r, 1, 0, alert, strlen(alert), &d), ZT_OK);
	e.max_record = 480;
	for (unsigned f = 0; f < FORMATS; f++) {
		struct sbuf b;
		bool fits;

		sbuf_init(&b, 1 << 16);
		sbuf_str(&b, "one\n");
		fits = format_record((enum sink_format)f, &r, &e, &b);
		assert_true(fits == (f == FORMAT_RFC5424 || f == FORMAT_CEF || f == FORMAT_LEEF));
		assert_memory_equal(b.s, "one\n", 4);
		assert_true(fits ? b.len > 400 && b.len <= 484 : b.len == 4);
		sbuf_fini(&b);
		sbuf_init(&b, 32);
		sbuf_str(&b, "one\n");
		assert_false(format_record((enum sink_format)f, &r, &plain, &b));
		assert_string_equal(sbuf_text(&b), "one\n");
		sbuf_fini(&b);
	}
	record_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_syslog_message), cmocka_unit_test(a_cef_record), cmocka_unit_test(a_leef_record),
		cmocka_unit_test(an_ecs_document), cmocka_unit_test(an_ocsf_finding), cmocka_unit_test(the_alert_itself),
		cmocka_unit_test(headers_of_syslog), cmocka_unit_test(what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
