/*
 * as.h - a transaction of the web's role, bound to a client as a request's is.
 */
#ifndef TESTS_CORE_AS_H
#define TESTS_CORE_AS_H

#include "core/problems.h"
#include "store/db.h"

/* The connection of this program and the last transaction's outcome. */
extern struct db *as_db;
extern struct err as_err;
extern struct problems as_problems;

/* A fresh database, two clients (their ids) and keys for secrets. */
struct as_clients {
	int64_t ours, other;
};
struct as_clients as_setup(void);

/* client_id 0: an administrator.  as_end() commits when `ok`; what it returns
 * is whether all was stored. */
void as_begin(int64_t client_id);
bool as_end(bool ok);

/* In a child process: as_db becomes a connection of its own.  Here: wait until
 * that child waits for a lock of ours. */
void as_elsewhere(void);
void as_wait_elsewhere(void);

/* The names of the bad fields, "a,b". */
const char *as_bad_fields(void);

/* A bot token of a bot with this number. */
struct secret as_token(int64_t number);

/* How many tasks of this kind with this subject are due. */
int64_t as_tasks(const char *kind, int64_t subject_id);

#endif
