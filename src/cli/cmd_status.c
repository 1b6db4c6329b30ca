/* cmd_status.c - `zonetap status`: how is the running sensor? */
#include "cli/command.h"
#include "cli/options.h"
#include "sensor/config.h"
#include "sensor/control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void on_line(void *arg, const char *line)
{
	(void)arg;
	puts(line);
}

static int ask(const char *socket, bool as_json)
{
	int status = EXIT_DONE;
	struct diag d;

	if (control_ask(socket, as_json ? "status json" : "status", on_line, NULL, &status, &d) != ZT_OK) {
		fprintf(stderr, "zonetap: status: %s\n", d.text);
		return EXIT_OPERATION;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "zonetap: status: standard output: %s\n", strerror(errno));
		return EXIT_OPERATION;
	}
	return status;
}

int cmd_status(int argc, char **argv)
{
	static const char *const formats[] = { "text", "json", NULL };
	const char *socket = CONFIG_SOCKET;
	unsigned format = 0;
	bool watch = false;
	uint64_t interval = 2;
	const struct option options[] = {
		{ .name = "socket", .type = OPTION_TEXT, .arg = "PATH", .help = "where the sensor is asked; " CONFIG_SOCKET " by default", .to = &socket },
		{ .name = "format", .type = OPTION_WORD, .arg = "FORMAT", .help = "for people, or as one line of JSON", .to = &format, .words = formats },
		{ .name = "watch", .letter = 'w', .type = OPTION_FLAG, .help = "ask again and again, until interrupted", .to = &watch },
		{ .name = "interval", .type = OPTION_NUMBER, .arg = "SECONDS", .help = "between two questions", .to = &interval, .min = 1, .max = 3600 },
		{ 0 },
	};
	struct operands rest;
	int status;

	if (!options_parse(options, argc, argv, 0, 0, &rest, &status))
		return status;
	for (;;) {
		struct timespec t = { .tv_sec = (time_t)interval };

		if (watch && format == 0 && isatty(STDOUT_FILENO))
			fputs("\x1b[H\x1b[2J", stdout);         /* from the top of an empty screen */
		status = ask(socket, format == 1);
		if (!watch || status != EXIT_DONE)
			return status;
		nanosleep(&t, NULL);
	}
}
