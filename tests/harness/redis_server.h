/*
 * redis_server.h - a throwaway Redis for one test program.
 *
 * On a unix socket in a temporary directory, without persistence.  It dies
 * with the program.
 */
#ifndef HARNESS_REDIS_SERVER_H
#define HARNESS_REDIS_SERVER_H

/* Once, before the tests.  Without a server program this one is skipped (exit
 * status 77). */
void redis_server_start(void);
void redis_server_stop(void);

/* "unix:///...", the same for good. */
const char *redis_server_url(void);

/* Gone at once, and back with nothing in it. */
void redis_server_kill(void);
void redis_server_revive(void);

/* Alive, but it answers nobody until it is revived or resumed. */
void redis_server_freeze(void);
void redis_server_resume(void);

#endif
