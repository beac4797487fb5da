/*
 * system_log.h - the log of the machine, where what must be kept goes.
 */
#ifndef CTL_SYSTEM_LOG_H
#define CTL_SYSTEM_LOG_H

/* Under the program's name, for those who may read about sign-ins.  Without
 * such a log nothing happens. */
void system_log(const char *line);

#endif
