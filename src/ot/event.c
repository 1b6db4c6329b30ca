#include "ot/event.h"

#include <stdio.h>
#include <string.h>

#define WORD_AT(table, i) ((i) < sizeof(table) / sizeof((table)[0]) && (table)[i] ? (table)[i] : "unknown")

const char *ot_proto_word(unsigned proto)
{
	static const char *const words[] = { "none",
#define PROTOCOL(id, word) word,
#include "dissectors/protocols.def"
#undef PROTOCOL
	};
	return WORD_AT(words, proto);
}

const char *ot_op_word(unsigned op)
{
	static const char *const words[] = {
#define OP(id, word) word,
#include "ot/words.def"
#undef OP
	};
	return WORD_AT(words, op);
}

const char *ot_act_word(unsigned act)
{
	static const char *const words[] = {
#define ACT(id, word) word,
#include "ot/words.def"
#undef ACT
	};
	return WORD_AT(words, act);
}

const char *ot_anomaly_word(unsigned bit)
{
	static const char *const words[] = {
#define ANOMALY(id, word) word,
#include "ot/words.def"
#undef ANOMALY
	};
	return WORD_AT(words, bit);
}

const char *ot_dir_word(unsigned dir)
{
	static const char *const words[] = { "request", "response", "notify" };

	return WORD_AT(words, dir);
}

const char *ot_granule_word(unsigned granule)
{
	static const char *const words[] = { "none", "bit", "byte", "word", "object" };

	return WORD_AT(words, granule);
}

const char *ot_outcome_word(unsigned outcome)
{
	static const char *const words[] = { "none", "ok", "error", "pending", "no_response", "unknown" };

	return WORD_AT(words, outcome);
}

const char *ot_verdict_word(unsigned verdict)
{
	static const char *const words[] = { "none", "allowed", "denied", "unzoned" };

	return WORD_AT(words, verdict);
}

const char *ot_space_text(const struct ot_event *e, char buf[32])
{
	if (e->space)
		return e->space;
	if (!(e->has & HAS_CLASS))
		return "";
	snprintf(buf, 32, "class_0x%02x", e->cls);
	return buf;
}

void ot_event_copy(struct ot_event *to, const struct ot_event *from)
{
	memcpy(to, from, OT_BODY_END);
	memcpy(to->value, from->value, from->value_len);
	memcpy(to->tag, from->tag, from->tag_len);
	memcpy(to->path, from->path, from->path_len);
	memcpy(to->route, from->route, from->route_len);
	if (from->has & HAS_IDENTITY)
		to->identity = from->identity;
}
