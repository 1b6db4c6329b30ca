/* notify.h - tells the service manager how the sensor is, by the protocol of sd_notify(3).
 *
 * The protocol is one datagram of "NAME=value" lines to the Unix socket named in $NOTIFY_SOCKET, and systemd
 * documents it as stable and free to be implemented: forty lines here, instead of a library that brings
 * compressors and a journal reader into a program that is meant to be small. Without $NOTIFY_SOCKET nothing is
 * sent and nothing is wrong. One thread: main. */
#ifndef ZT_SENSOR_NOTIFY_H
#define ZT_SENSOR_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct diag;

struct notify {
	int fd;                         /* connected to the manager; -1: nobody listens */
	uint64_t watchdog_ns;           /* how often notify_watchdog() is due; 0: no watchdog */
	uint64_t due_ns;                /* monotonic time at which it is due next */
};

/* Reads $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, and removes them from the environment. Before the
 * filters, since it makes a socket. ZT_OK also when there is no manager; otherwise n is usable and mute. */
int notify_open(struct notify *n, struct diag *d);
void notify_close(struct notify *n);

/* A manager that does not read loses the message; the sensor never waits for it. */
void notify_ready(struct notify *n);            /* started, or a reload is over */
void notify_reloading(struct notify *n);        /* with the monotonic time, as Type=notify-reload wants it */
void notify_stopping(struct notify *n);
void notify_status(struct notify *n, const char *text);        /* one line for `systemctl status`; cut at 200 bytes */

/* Says WATCHDOG=1 when half the manager's patience has passed. Called from main's loop, at least as often as
 * notify_wait_ms() says, and only while the sensor's other threads are alive: that is the caller's to know. */
void notify_watchdog(struct notify *n);
int notify_wait_ms(const struct notify *n, int wish_ms);       /* the shorter of wish_ms (-1: for ever) and what is due */

#endif
