#include "sensor/sensor.h"

#include "alert/store_live.h"
#include "base/clock.h"
#include "sensor/control.h"
#include "sensor/crew.h"
#include "sensor/log.h"
#include "sensor/reload.h"

#include <config.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define PROGRAM PACKAGE_NAME " " PACKAGE_VERSION
#define TURN_MS 100                     /* main looks around at least so often */

struct sensor {
	const struct sensor_options *o;
	struct reload reload;
	struct crew crew;
	struct store *store;
	struct control *control;
	int signals;                    /* descriptor */
	bool stop;
	enum port_state told[CONFIG_INTERFACES_MAX];    /* what the log said last */
};

/* --- reload ----------------------------------------------------------------------------------- */

static int do_reload(struct sensor *s, struct sbuf *answer)
{
	struct complaints errs = { 0 };

	switch (reload_now(&s->reload, &errs)) {
	case RELOAD_DONE:
		log_line(LOG_IS_INFO, "site and rules loaded again (%.12s)", policy_hash(s->reload.now));
		sbuf_fmt(answer, "loaded %s\n", policy_hash(s->reload.now));
		return 0;
	case RELOAD_WRONG:
		complaints_write(&errs, answer);
		log_line(LOG_IS_ERROR, "the new site and rules have mistakes: those before stay");
		return 2;
	case RELOAD_BUSY:
		break;
	}
	sbuf_str(answer, "the last reload is still under way: try again\n");
	return 1;
}

/* --- signals and questions ----------------------------------------------------------------------- */

static int answer(void *arg, const char *question, struct sbuf *out)
{
	struct sensor *s = arg;

	if (strcmp(question, "reload") == 0)
		return do_reload(s, out);
	if (strcmp(question, "stop") == 0) {
		s->stop = true;
		return 0;
	}
	sbuf_str(out, "unknown question\n");
	return 2;
}

static void on_hangup(struct sensor *s)
{
	struct sbuf b;

	sbuf_init(&b, CONTROL_ANSWER);
	if (do_reload(s, &b) != 0)
		fputs(sbuf_text(&b), stderr);
	sbuf_fini(&b);
}

static void take_signals(struct sensor *s)
{
	struct signalfd_siginfo i;

	while (read(s->signals, &i, sizeof i) == sizeof i) {
		if (i.ssi_signo == SIGHUP)
			on_hangup(s);
		else
			s->stop = true;
	}
}

/* Before any thread: they inherit the mask. */
static int catch_signals(struct sensor *s, struct diag *d)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return s->signals >= 0 ? ZT_OK : diag_fail(d, ZT_ELIB, "signals cannot be caught (%s)", strerror(errno));
}

/* --- the loop --------------------------------------------------------------------------------------- */

static void watch_ports(struct sensor *s)
{
	for (unsigned i = 0; i < s->o->config->interface_count; i++) {
		const char *name = s->o->config->interfaces[i].name;
		struct port_view v;

		port_view(&s->crew.ports[i], &v);
		if (v.state == s->told[i])
			continue;
		s->told[i] = v.state;
		if (v.state == PORT_UP)
			log_line(LOG_IS_INFO, "listening on %s%s", name,
				 v.shared ? " (one socket for all workers: this kernel does not spread packets)" : "");
		else if (v.state == PORT_WAITING)
			log_line(LOG_IS_WARNING, "waiting: %s", v.reason);
	}
}

static void show(struct sensor *s)
{
	while (s->o->show && recorder_said(s->crew.recorder, s->o->show, s->o->arg))
		;
}

static void turn(struct sensor *s)
{
	struct pollfd fds[CONTROL_FDS + 1] = { { .fd = s->signals, .events = POLLIN } };
	unsigned n = 1;

	if (s->control)
		n += control_poll(s->control, fds + 1);
	(void)poll(fds, n, TURN_MS);
	take_signals(s);
	if (s->control)
		control_serve(s->control, answer, s);
	(void)clock_check();
	reload_settle(&s->reload, &s->crew);
	watch_ports(s);
	show(s);
}

/* --- from start to end ------------------------------------------------------------------------------ */

static int open_store(struct sensor *s, char run[STORE_RUN_TEXT], struct diag *d)
{
	const struct sensor_config *c = s->o->config;
	const struct policy *p = s->reload.now;
	const struct store_live_config lc = {
		.path = c->database.path, .queue_bytes = c->database.queue, .max_bytes = c->database.max_size,
		.max_age_ns = c->database.max_age,
	};
	uint64_t start_ns = clock_wall();
	int err = store_live_run_id(c->sensor, start_ns, policy_hash(p), PROGRAM, run, d);

	if (err || !s->o->keep)
		return err;
	s->store = store_live_open(&lc, &err, d);
	if (!s->store)
		return err ? err : ZT_EIO;
	return store_live_run(s->store, &(struct store_run){
		.id = run, .site = policy_site_name(p), .policy_hash = policy_hash(p), .program = PROGRAM,
		.first_ns = start_ns, .last_ns = start_ns,
	}, d);
}

static int open_control(struct sensor *s, struct diag *d)
{
	int err = control_open(s->o->config->socket, &s->control, d);

	if (!err || s->o->service)
		return err;
	log_line(LOG_IS_INFO, "nobody can ask this sensor (%s)", d->text);
	return ZT_OK;
}

static int start(struct sensor *s, struct diag *d)
{
	char run[STORE_RUN_TEXT] = "";
	struct crew_config cc = {
		.config = s->o->config, .policies = &s->reload.published, .run = run, .show = s->o->show != NULL,
	};
	int err = catch_signals(s, d);

	err = err ? err : open_control(s, d);
	err = err ? err : open_store(s, run, d);
	cc.store = s->store;
	err = err ? err : crew_make(&s->crew, &cc, d);
	return err ? err : crew_start(&s->crew, d);
}

int sensor_run(const struct sensor_options *o, struct policy *policy, struct diag *d)
{
	struct sensor s = { .o = o, .signals = -1 };
	int err;

	clock_start();
	reload_init(&s.reload, o->config, policy);
	err = start(&s, d);
	while (!err && !s.stop)
		turn(&s);
	control_close(s.control);
	crew_stop(&s.crew);
	if (!err)
		show(&s);
	if (s.store)
		store_close(s.store);
	crew_free(&s.crew);
	reload_fini(&s.reload);
	if (s.signals >= 0)
		close(s.signals);
	return err;
}
