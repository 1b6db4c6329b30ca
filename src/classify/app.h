/* app.h - the words for applications: what a flow speaks that no dissector decodes. Closed lists, ours, the
 * same whatever library recognises them. Pure. */
#ifndef ZT_CLASSIFY_APP_H
#define ZT_CLASSIFY_APP_H

#include <stdint.h>

enum app {
	APP_NONE,
#define APP(id, word, category, tcp, udp) APP_##id,
#include "classify/apps.def"
#undef APP
	APP_COUNT
};

enum app_category {
	CATEGORY_NONE, CATEGORY_REMOTE_ACCESS, CATEGORY_FILE_SHARING, CATEGORY_WEB, CATEGORY_ENCRYPTED, CATEGORY_MAIL,
	CATEGORY_CHAT, CATEGORY_VPN, CATEGORY_NETWORK, CATEGORY_MANAGEMENT, CATEGORY_DATABASE, CATEGORY_MESSAGING,
	CATEGORY_INDUSTRIAL, CATEGORY_UNWANTED,
	CATEGORY_COUNT
};

enum app_risk {                 /* bit numbers in a label's risks */
	RISK_CLEARTEXT_CREDENTIALS, RISK_OBSOLETE_TLS, RISK_BAD_CERTIFICATE, RISK_OBSOLETE_SSH, RISK_OBSOLETE_SMB,
	RISK_UNUSUAL_PORT, RISK_EXECUTABLE, RISK_EXPLOIT, RISK_MALWARE, RISK_SUSPICIOUS_NAME, RISK_SUSPICIOUS_DNS,
	RISK_SUSPICIOUS_HTTP, RISK_MALFORMED,
	RISK_COUNT
};

struct app_label {              /* what is known of one flow */
	uint8_t app;            /* enum app; APP_NONE: not recognised */
	uint16_t risks;         /* bit set of enum app_risk */
};

/* Static text, never NULL for a valid enumerator. */
const char *app_word(unsigned app), *app_category_word(unsigned category), *app_risk_word(unsigned risk);
unsigned app_category(unsigned app);                            /* enum app_category */
/* What the port of a server suggests, and nothing but it. proto: of the IP header, 6 or 17. */
unsigned app_of_port(uint8_t ip_proto, uint16_t port);

#endif
