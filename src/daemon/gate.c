/*
 * gate.c - who has told us to wait, and until when.
 */
#include "config.h"

#include <stddef.h>

#include "base/attr.h"
#include "daemon/gate.h"
#include "daemon/limits.h"

/* More at once than this means that the services are in real trouble; the one
 * that opens first makes room. */
#define GATES_MAX 512

struct gate {
	enum gate_kind kind;
	int64_t object_id, chat_id;
	int64_t until_at; /* 0: free */
};

static struct gate gates[GATES_MAX];

static struct gate *gate_find(enum gate_kind kind, int64_t object_id,
			      int64_t chat_id)
{
	for (size_t i = 0; i < ARRAY_LEN(gates); i++)
		if (gates[i].until_at && gates[i].kind == kind &&
		    gates[i].object_id == object_id &&
		    gates[i].chat_id == chat_id)
			return &gates[i];
	return NULL;
}

static struct gate *gate_room(void)
{
	struct gate *first = &gates[0];

	for (size_t i = 0; i < ARRAY_LEN(gates); i++)
		if (gates[i].until_at < first->until_at)
			first = &gates[i];
	return first;
}

int64_t gate_closed_until(enum gate_kind kind, int64_t object_id,
			  int64_t chat_id, int64_t now)
{
	struct gate *g = gate_find(kind, object_id, chat_id);

	if (!g)
		return 0;
	if (g->until_at > now)
		return g->until_at;
	g->until_at = 0;
	return 0;
}

int64_t gate_close(enum gate_kind kind, int64_t object_id, int64_t chat_id,
		   const struct err *limit, int64_t fallback_us, int64_t now)
{
	struct gate *g = gate_find(kind, object_id, chat_id);
	int64_t until_at = now + (limit->retry_s ? limit->retry_s * SECOND_US
						 : fallback_us);

	if (!g) {
		g = gate_room();
		*g = (struct gate){ kind, object_id, chat_id, 0 };
	}
	if (g->until_at < until_at)
		g->until_at = until_at;
	return g->until_at;
}
