/*
 * gate.h - who has told us to wait, and until when.
 *
 * 429 concerns a whole chat of a bot, or an Avito account: no call to it
 * before the told time, whichever delivery or task wants it.  Kept in this
 * process; forgetting it costs one more 429.
 */
#ifndef DAEMON_GATE_H
#define DAEMON_GATE_H

#include <stdint.h>

#include "base/err.h"

enum gate_kind { GATE_BOT_CHAT, GATE_AVITO };

/* Wall-clock time until which it is closed; 0: open. */
int64_t gate_closed_until(enum gate_kind kind, int64_t object_id,
			  int64_t chat_id, int64_t now);

/* Closes it as ERR_LIMIT says; returns until when.  Without a told time it is
 * closed for `fallback_us`. */
int64_t gate_close(enum gate_kind kind, int64_t object_id, int64_t chat_id,
		   const struct err *limit, int64_t fallback_us, int64_t now);

#endif
