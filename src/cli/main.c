#include "cli/command.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	int status = command_main(argc, argv);

	/* A full disk or a closed pipe shows only when the last bytes are written. */
	if (fflush(stdout) != 0 && status == EXIT_DONE)
		status = EXIT_OPERATION;
	return status;
}
