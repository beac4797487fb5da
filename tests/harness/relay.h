/*
 * relay.h - a client with a project, a bot in its group and an Avito account,
 * for tests of the relay.
 */
#ifndef HARNESS_RELAY_H
#define HARNESS_RELAY_H

#include <stdint.h>

#include "store/attempt.h"
#include "store/message.h"
#include "store/outcome.h"

/* What relay_seed() has made. */
struct relay {
	int64_t client_id, project_id, bot_id, account_id;
};

#define RELAY_GROUP      INT64_C(-1001234567890)
#define RELAY_AVITO_USER 30001
#define RELAY_NOW        INT64_C(1790000000000000) /* microseconds */

/* `n` tells several in one test apart: bot number and Avito user are counted
 * up by it, the group's number down. */
struct relay relay_seed(int n);

/* A buyer's text in chat "chat-1", ready to be varied. */
struct message_in relay_text(const struct relay *r, const char *external_id,
			     const char *text);

/* Takes it in a transaction of its own; 0 when it was known. */
int64_t relay_take(struct db *db, const struct message_in *m,
		   bool (*take)(struct db *db, struct arena *a,
				const struct message_in *m, int64_t *id,
				struct err *err));

/* An attempt begins, under a lease of a minute; 0: the lease was lost. */
int64_t relay_begin(struct db *db, struct attempt_new *t);

/* Writes it; false: the lease was lost. */
bool relay_outcome(struct db *db, struct outcome o);

#endif
