/*
 * avito_ask.h - a call to Avito with a good token.
 *
 * Takes the token from the database while it lives, has it renewed by one
 * daemon under a lease shortly before it ends, and renews it once when Avito
 * answers 401 or 403 to it (Avito says either for an expired token).  So the
 * asker never sees those two: a second one is a real refusal and comes as
 * err with its trouble.
 */
#ifndef DAEMON_AVITO_ASK_H
#define DAEMON_AVITO_ASK_H

#include "chan/avito.h"
#include "daemon/daemon.h"
#include "store/delivery.h"
#include "store/link.h"

/* What is needed to act for an account. */
struct avito_pass {
	int64_t account_id, user_id;
	const char *token_sealed;
	int64_t generation, expires_at;
};

/* Embedded in what asks; zero but for the first part. */
struct avito_ask {
	struct daemon *dm;
	struct arena *a;
	struct avito_pass pass;
	/* Wall-clock time after which nothing is sent any more (a lease would
	 * not cover it): ERR_DOWN instead.  0: any time. */
	int64_t start_by;
	void (*write)(struct avito_ask *q, const struct chan_end *end);
	void (*done)(struct avito_ask *q);

	struct call call; /* write() fills call.rq; call.reply is the answer */
	struct err err;   /* not ERR_NONE: there is no answer, and why */
	enum chan_trouble trouble;
	bool busy;

	/* avito_ask.c's own */
	struct timer timer;
	bool renewed;
	int64_t patience_at;
};

struct avito_pass avito_pass_of(const struct avito_link *l);
struct avito_pass avito_pass_for(const struct delivery *d);

/* done() comes exactly once and never before this has returned. */
void avito_ask(struct avito_ask *q);

/* No done() any more. */
void avito_ask_cancel(struct avito_ask *q);

#endif
