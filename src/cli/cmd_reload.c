/* cmd_reload.c - `zonetap reload`: a running sensor loads its site and rules again. */
#include "cli/command.h"
#include "cli/options.h"
#include "sensor/config.h"
#include "sensor/control.h"

#include <stdio.h>

static void on_line(void *arg, const char *line)
{
	int *lines = arg;

	(*lines)++;
	fprintf(stderr, "%s\n", line);
}

int cmd_reload(int argc, char **argv)
{
	const char *socket = CONFIG_SOCKET;
	const struct option options[] = {
		{ .name = "socket", .type = OPTION_TEXT, .arg = "PATH", .help = "where the sensor is asked; " CONFIG_SOCKET " by default", .to = &socket },
		{ 0 },
	};
	struct operands rest;
	int status, answer = 0, lines = 0;
	struct diag d;

	if (!options_parse(options, argc, argv, 0, 0, &rest, &status))
		return status;
	if (control_ask(socket, "reload", on_line, &lines, &answer, &d) != ZT_OK) {
		fprintf(stderr, "zonetap: reload: %s\n", d.text);
		return EXIT_OPERATION;
	}
	if (answer == EXIT_USAGE)
		fprintf(stderr, "zonetap: reload: the site or the rules have mistakes: those before stay\n");
	return answer;
}
