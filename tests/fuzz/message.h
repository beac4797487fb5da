/*
 * message.h - what holds for every message that a driver has read.
 */
#ifndef TESTS_FUZZ_MESSAGE_H
#define TESTS_FUZZ_MESSAGE_H

#include <string.h>

#include "base/text.h"
#include "chan/chan.h"
#include "harness/fuzz.h"

static inline void check_text(const char *s)
{
	FUZZ_CHECK(s && text_is_utf8(s, strlen(s)));
}

static inline void check_message(const struct chan_message *m)
{
	chan_kind_name(m->kind);
	check_text(m->id);
	check_text(m->chat);
	check_text(m->foreign_kind);
	check_text(m->author_id);
	check_text(m->text);
	check_text(m->media.url);
	check_text(m->media.ref);
	check_text(m->media.unique);
	check_text(m->media.mime);
	check_text(m->media.name);
	FUZZ_CHECK(*m->id);
	FUZZ_CHECK(m->created_at >= 0 && m->item_id >= 0);
	FUZZ_CHECK(m->media.bytes >= 0 && m->media.width >= 0 &&
		   m->media.height >= 0 && m->media.duration_s >= 0);
}

static inline bool says_something(const struct chan_message *m)
{
	return *m->text || *m->media.url || *m->media.ref;
}

#endif
