#include "sensor/sensor.h"

#include "alert/store_live.h"
#include "base/clock.h"
#include "sensor/control.h"
#include "sensor/crew.h"
#include "sensor/learning.h"
#include "sensor/log.h"
#include "sensor/notify.h"
#include "sensor/priv.h"
#include "sensor/reload.h"
#include "sensor/sinks.h"
#include "sensor/watch.h"

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
#define RUN_NS UINT64_C(60000000000)    /* how often the database hears how far the run is */
#define SAY_NS UINT64_C(10000000000)    /* and the service manager */
#define ENTER_MS 10000                  /* threads give up their privileges within that */

struct sensor {
	const struct sensor_options *o;
	struct notify notify;
	char run[STORE_RUN_TEXT];
	uint64_t start_ns;              /* wall clock */
	_Atomic unsigned entered;       /* threads that have given up what they must not have */
	_Atomic bool refused;           /* one could not, and said why */
	struct reload reload;
	struct crew crew;
	struct store *store;
	_Atomic(struct sinks *) sinks;  /* NULL: nothing is forwarded; the store's thread wakes them */
	struct control *control;
	int signals;                    /* descriptor */
	bool stop;
	bool mute;                      /* nobody looks at alerts any more */
	struct watch *watch;
	uint64_t run_ns, said_ns;       /* monotonic: when the store, when the manager heard last */
	uint64_t started_ns;            /* running time */
	enum port_state told[CONFIG_INTERFACES_MAX];    /* what the log said last */
};

/* --- the run, and another policy ----------------------------------------------------------------------------------- */

/* The run's row: who listens, and by which policy now. */
static int put_run(struct sensor *s, struct diag *d)
{
	const struct policy *p = s->reload.now;
	uint64_t packets = 0, events = 0;
	struct status now;

	if (!s->store)
		return ZT_OK;
	if (s->watch)
		watch_status(s->watch, &now);
	for (unsigned i = 0; s->watch && i < s->o->config->interface_count; i++) {
		packets += now.now[i].packets;
		events += now.now[i].events;
	}
	return store_live_run(s->store, &(struct store_run){
		.id = s->run, .sensor = s->o->config->sensor, .site = policy_site_name(p), .policy_hash = policy_hash(p), .program = PROGRAM,
		.packets = packets, .events = events, .first_ns = s->start_ns, .last_ns = clock_wall(),
	}, d);
}

static int do_reload(struct sensor *s, struct sbuf *answer)
{
	struct complaints errs = { 0 };
	enum reload_result result;

	notify_reloading(&s->notify);
	result = reload_now(&s->reload, &errs);
	notify_ready(&s->notify);
	switch (result) {
	case RELOAD_DONE:
		health_reloaded(watch_health(s->watch), true, policy_hash(s->reload.now));
		(void)put_run(s, NULL);
		log_line(LOG_IS_INFO, "site and rules loaded again (%.12s)", policy_hash(s->reload.now));
		sbuf_fmt(answer, "loaded %s\n", policy_hash(s->reload.now));
		return 0;
	case RELOAD_WRONG:
		health_reloaded(watch_health(s->watch), false, policy_hash(s->reload.now));
		complaints_write(&errs, answer);
		log_line(LOG_IS_ERROR, "the new site and rules have mistakes: those before stay");
		return 2;
	case RELOAD_BUSY:
		break;
	}
	sbuf_str(answer, "the last reload is still under way: try again\n");
	return 1;
}

/* --- how it is ------------------------------------------------------------------------------------ */

static int say_status(struct sensor *s, bool as_json, struct sbuf *answer)
{
	struct status now;

	watch_status(s->watch, &now);
	(as_json ? status_json : status_text)(&now, answer);
	return 0;
}

static int do_learn(struct sensor *s, bool on, struct sbuf *out)
{
	struct diag d;

	recorder_learn(s->crew.recorder, on);
	log_line(LOG_IS_INFO, "learning is %s", on ? "on" : "off");
	if (s->o->keep && learning_keep(s->o->config->database.path, on, &d) != ZT_OK)
		sbuf_fmt(out, "until the next start only: %s\n", d.text);
	return 0;
}

/* --- signals and questions ----------------------------------------------------------------------- */

static int answer(void *arg, const char *question, struct sbuf *out)
{
	struct sensor *s = arg;

	if (strcmp(question, "reload") == 0)
		return do_reload(s, out);
	if (strcmp(question, "status") == 0 || strcmp(question, "status json") == 0)
		return say_status(s, question[6] != '\0', out);
	if (strcmp(question, "learning on") == 0 || strcmp(question, "learning off") == 0) {
		return do_learn(s, strcmp(question + 9, "on") == 0, out);
	}
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

static void show_one(void *arg, const struct store_alert *a)
{
	struct sensor *s = arg;

	if (!s->mute && !s->o->show(s->o->arg, a))
		s->stop = s->mute = true;
}

static void show(struct sensor *s)
{
	while (s->o->show && recorder_said(s->crew.recorder, show_one, s))
		;
}

/* One line for whoever asks the service manager. */
static void say_to_manager(struct sensor *s)
{
	struct status now;
	unsigned up = 0;
	char line[160];

	watch_status(s->watch, &now);
	for (unsigned i = 0; i < s->o->config->interface_count; i++)
		up += now.now[i].port.state == PORT_UP;
	snprintf(line, sizeof line, "%u of %u interfaces, %llu alerts in the last hour", up, s->o->config->interface_count,
		 (unsigned long long)now.view->last_hour);
	notify_status(&s->notify, line);
}

static void look(struct sensor *s)
{
	uint64_t now_ns = clock_mono();

	if (!watch_look(s->watch, false))
		return;
	if (now_ns >= s->said_ns + SAY_NS) {
		s->said_ns = now_ns;
		say_to_manager(s);
	}
	if (now_ns >= s->run_ns + RUN_NS) {
		s->run_ns = now_ns;
		(void)put_run(s, NULL);
	}
}

static void turn(struct sensor *s)
{
	struct pollfd fds[CONTROL_FDS + 1] = { { .fd = s->signals, .events = POLLIN } };
	unsigned n = 1;

	if (s->control)
		n += control_poll(s->control, fds + 1);
	(void)poll(fds, n, notify_wait_ms(&s->notify, TURN_MS));
	if (watch_everybody_lives(s->watch))    /* the manager's watchdog is fed only then */
		notify_watchdog(&s->notify);
	take_signals(s);
	if (s->control)
		control_serve(s->control, answer, s);
	(void)clock_check();
	reload_settle(&s->reload, &s->crew);
	watch_ports(s);
	look(s);
	show(s);
}

/* --- what each thread gives up ------------------------------------------------------------------------ */

static bool give_up(struct sensor *s, enum priv_role role)
{
	struct diag d;

	if (priv_thread(role, -1, &d) == ZT_OK) {
		s->entered++;
		return true;
	}
	fprintf(stderr, "zonetap: run: error: %s\n", d.text);
	s->refused = true;
	return false;
}

static bool enter_listener(void *arg)
{
	return give_up(arg, PRIV_CAPTURE);
}

static bool enter_recorder(void *arg)
{
	return give_up(arg, PRIV_WRITER);
}

static void enter_store(void *arg)
{
	(void)give_up(arg, PRIV_WRITER);
}

/* --- sinks ---------------------------------------------------------------------------------------------- */

static void enter_sink(void *arg)
{
	(void)give_up(arg, PRIV_FORWARD);
}

static void on_committed(void *arg, int64_t outbox_id)
{
	struct sensor *s = arg;
	struct sinks *sinks = atomic_load(&s->sinks);

	(void)outbox_id;
	if (sinks)
		sinks_wake(sinks);
}

static int open_sinks(struct sensor *s, struct diag *d)
{
	const struct sinks_config c = { .config = s->o->config, .thread_start = enter_sink, .arg = s };
	struct sinks *sinks;
	int err = ZT_OK;

	if (!s->store)
		return ZT_OK;
	if (c.config->sink_count == 0) {
		forward_to_nobody(c.config->database.path);
		return ZT_OK;
	}
	sinks = sinks_start(&c, &err, d);
	atomic_store(&s->sinks, sinks);
	return sinks ? ZT_OK : err;
}

/* Last of all main itself: afterwards no thread can be started. */
static int all_entered(struct sensor *s, struct diag *d)
{
	unsigned threads = s->crew.n + 1 + (s->store != NULL) + (s->sinks ? s->o->config->sink_count : 0);
	uint64_t until_ns = clock_mono() + ENTER_MS * UINT64_C(1000000);

	while (s->entered < threads && !s->refused && clock_mono() < until_ns)
		(void)poll(NULL, 0, 1);
	if (s->entered < threads)
		return diag_fail(d, ZT_EPERM, "not every thread could give up its privileges");
	return priv_thread(PRIV_MAIN, -1, d);
}

static int open_store(struct sensor *s, struct diag *d)
{
	const struct sensor_config *c = s->o->config;
	const struct store_live_config lc = {
		.path = c->database.path, .queue_bytes = c->database.queue, .max_bytes = c->database.max_size ? c->database.max_size : INT64_MAX,
		.max_age_ns = c->database.max_age, .backlog = { c->spool.rows, c->spool.bytes, c->spool.age }, .thread_start = enter_store, .committed = on_committed, .arg = s,
	};
	int err;

	s->start_ns = clock_wall();
	err = store_live_run_id(c->sensor, s->start_ns, policy_hash(s->reload.now), PROGRAM, s->run, d);
	if (err || !s->o->keep)
		return err;
	s->store = store_live_open(&lc, &err, d);
	if (!s->store)
		return err ? err : ZT_EIO;
	return put_run(s, d);
}

static int open_control(struct sensor *s, struct diag *d)
{
	int err = control_open(s->o->config->socket, &s->control, d);

	if (!err || s->o->service)
		return err;
	log_line(LOG_IS_INFO, "nobody can ask this sensor (%s)", d->text);
	return ZT_OK;
}

static void recall_inventory(struct sensor *s)
{
	const struct sensor_config *c = s->o->config;
	struct recalled r;

	enum learning_told told = learning_recall(c->database.path);

	recorder_recall(s->crew.recorder, c->database.path, c->learning.period, &r);
	if (told != LEARNING_NOT_TOLD)
		recorder_learn(s->crew.recorder, told == LEARNING_TOLD_ON);
	if (r.assets)
		log_line(LOG_IS_INFO, "%llu assets are known from before", (unsigned long long)r.assets);
}

static int start(struct sensor *s, struct diag *d)
{
	struct crew_config cc = {
		.config = s->o->config, .policies = &s->reload.published, .run = s->run, .show = s->o->show != NULL,
		.enter_listener = enter_listener, .enter_recorder = enter_recorder, .arg = s,
	};
	int err = catch_signals(s, d);

	err = err ? err : notify_open(&s->notify, d);
	const char *user = s->o->service ? s->o->config->user : priv_user_by_hand(s->o->config->user);

	err = err ? err : priv_drop(user, true, d);
	err = err ? err : open_control(s, d);
	err = err ? err : open_store(s, d);
	err = err ? err : open_sinks(s, d);
	cc.store = s->store;
	err = err ? err : crew_make(&s->crew, &cc, d);
	if (!err) {
		s->watch = watch_new(&(struct watch_config){ .config = s->o->config, .reload = &s->reload, .crew = &s->crew,
							     .store = s->store, .sinks = s->sinks, .started_ns = s->started_ns });
		if (!s->watch)
			err = diag_fail(d, ZT_ENOMEM, "out of memory");
	}
	if (!err && s->store)
		recall_inventory(s);
	err = err ? err : crew_start(&s->crew, d);
	err = err ? err : all_entered(s, d);
	if (err)
		return err;
	if (!priv_has_filters())
		log_line(LOG_IS_WARNING, "no thread has a filter of system calls: %s", priv_filters());
	notify_ready(&s->notify);
	health_started(watch_health(s->watch));
	return ZT_OK;
}

int sensor_run(const struct sensor_options *o, struct policy *policy, struct diag *d)
{
	struct sensor s = { .o = o, .signals = -1, .notify.fd = -1 };
	int err;

	clock_start();
	s.started_ns = clock_now();
	reload_init(&s.reload, o->config, policy);
	err = start(&s, d);
	while (!err && !s.stop)
		turn(&s);
	notify_stopping(&s.notify);
	control_close(s.control);
	crew_stop(&s.crew);
	if (!err) {
		show(&s);
		(void)watch_look(s.watch, true);
		(void)put_run(&s, NULL);
	}
	if (s.store)
		store_close(s.store);
	sinks_stop(atomic_exchange(&s.sinks, NULL), !err);
	watch_free(s.watch);
	crew_free(&s.crew);
	reload_fini(&s.reload);
	notify_close(&s.notify);
	if (s.signals >= 0)
		close(s.signals);
	return err;
}
