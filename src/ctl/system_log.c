/*
 * system_log.c - the log of the machine, where what must be kept goes.
 *
 * A file of its own, as <syslog.h> has another LOG_INFO than base/log.h.
 */
#include "config.h"

#include <syslog.h>

#include "ctl/system_log.h"

void system_log(const char *line)
{
	syslog(LOG_AUTHPRIV | LOG_INFO, "%s", line);
}
