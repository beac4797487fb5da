/*
 * server.h - an HTTP server on loopback that betrays its clients.
 *
 * A process of its own, and one more for each connection, so that a test in
 * one thread can wait for it.  The path of a request picks the script:
 *
 *	/ok            200 with {"ok":true}
 *	/echo          200 with the request itself, head and body
 *	/empty /500 /not-json /limit /limit-30 /limit-date
 *	/reset-first   reset before the request is read
 *	/reset-last    reset after the whole request was read
 *	/close         closed after the whole request was read
 *	/close-kept    the same, but only if the connection was used before
 *	/silent        no answer, ever
 *	/drip          an answer that takes forever, byte by byte
 *	/cut-head /cut-body  closed behind the head, in the middle of the body
 *	/long          200 with SERVER_LONG bytes, the length told
 *	/long-chunked  the same without telling
 *	/to-STATUS?URL a redirect
 */
#ifndef HARNESS_SERVER_H
#define HARNESS_SERVER_H

#include <stddef.h>

#define SERVER_LONG 100000

struct server;

/* Ends the program when it cannot start.  It dies with the program. */
struct server *server_start(void);
void server_stop(struct server *s);

int server_port(const struct server *s);

/* Since server_forget(): whole requests read, connections accepted. */
int server_requests(const struct server *s);
int server_connections(const struct server *s);
void server_forget(struct server *s);

#endif
