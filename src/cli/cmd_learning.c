/* cmd_learning.c - `zonetap learning`: begins or ends learning in a running sensor. */
#include "cli/command.h"
#include "cli/options.h"
#include "sensor/config.h"
#include "sensor/control.h"

#include <stdio.h>
#include <string.h>

static void on_line(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "%s\n", line);
}

int cmd_learning(int argc, char **argv)
{
	const char *socket = CONFIG_SOCKET;
	const struct option options[] = {
		{ .name = "socket", .type = OPTION_TEXT, .arg = "PATH", .help = "where the sensor is asked; " CONFIG_SOCKET " by default", .to = &socket },
		{ 0 },
	};
	struct operands rest;
	int status, answer = 0;
	struct diag d;
	bool on;

	if (!options_parse(options, argc, argv, 1, 1, &rest, &status))
		return status;
	on = strcmp(rest.v[0], "on") == 0;
	if (!on && strcmp(rest.v[0], "off") != 0)
		return options_wrong("learning", "on or off, not '%s'", rest.v[0]);
	if (control_ask(socket, on ? "learning on" : "learning off", on_line, NULL, &answer, &d) == ZT_OK)
		return answer;
	fprintf(stderr, "zonetap: learning: %s\n", d.text);
	return EXIT_OPERATION;
}
