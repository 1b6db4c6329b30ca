#include "classify/app.h"

#include <stddef.h>

#define COUNT(a) (sizeof (a) / sizeof (a)[0])

static const struct {
	const char *word;
	uint8_t category;
	uint16_t tcp, udp;
} apps[APP_COUNT] = {
	[APP_NONE] = { "none", CATEGORY_NONE, 0, 0 },
#define APP(id, word, category, tcp, udp) [APP_##id] = { word, CATEGORY_##category, tcp, udp },
#include "classify/apps.def"
#undef APP
};

static const char *const categories[CATEGORY_COUNT] = {
	"none", "remote_access", "file_sharing", "web", "encrypted", "mail", "chat", "vpn", "network", "management",
	"database", "messaging", "industrial", "unwanted",
};

static const char *const risks[RISK_COUNT] = {
	"cleartext_credentials", "obsolete_tls", "bad_certificate", "obsolete_ssh", "obsolete_smb", "unusual_port",
	"executable", "exploit", "malware", "suspicious_name", "suspicious_dns", "suspicious_http", "malformed",
};

const char *app_word(unsigned app)
{
	return app < APP_COUNT ? apps[app].word : "unknown";
}

const char *app_category_word(unsigned category)
{
	return category < CATEGORY_COUNT ? categories[category] : "unknown";
}

const char *app_risk_word(unsigned risk)
{
	return risk < RISK_COUNT ? risks[risk] : "unknown";
}

unsigned app_category(unsigned app)
{
	return app < APP_COUNT ? apps[app].category : CATEGORY_NONE;
}

unsigned app_of_port(uint8_t ip_proto, uint16_t port)
{
	for (unsigned i = 1; port && i < COUNT(apps); i++) {
		if ((ip_proto == 6 && apps[i].tcp == port) || (ip_proto == 17 && apps[i].udp == port))
			return i;
	}
	return APP_NONE;
}
