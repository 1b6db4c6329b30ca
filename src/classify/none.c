/* none.c - built without nDPI: nothing is recognised. */
#include "classify/engine.h"

#include <stddef.h>

const char *engine_version(void)
{
	return NULL;
}

struct engine *engine_new(void)
{
	return NULL;
}

void engine_free(struct engine *e)
{
	(void)e;
}

uint32_t engine_flow_bytes(void)
{
	return 0;
}

void engine_flow_begin(void *flow)
{
	(void)flow;
}

void engine_flow_end(struct engine *e, void *flow)
{
	(void)e;
	(void)flow;
}

bool engine_packet(struct engine *e, void *flow, const struct packet *p, struct app_label *label)
{
	(void)e;
	(void)flow;
	(void)p;
	*label = (struct app_label){ 0 };
	return true;
}

void engine_give_up(struct engine *e, void *flow, struct app_label *label)
{
	(void)e;
	(void)flow;
	*label = (struct app_label){ 0 };
}

uint64_t engine_spent(const struct engine *e)
{
	(void)e;
	return 0;
}
