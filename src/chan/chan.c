/*
 * chan.c - the words for kinds, the same for every service.
 */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "chan/chan.h"

/* 9999-12-31T23:59:59Z: the last second that our times can be written with. */
#define LAST_SECOND INT64_C(253402300799)

static const char *const kind_names[CHAN_KINDS] = {
	[CHAN_TEXT] = "text",
	[CHAN_IMAGE] = "image",
	[CHAN_VOICE] = "voice",
	[CHAN_AUDIO] = "audio",
	[CHAN_VIDEO] = "video",
	[CHAN_VIDEO_NOTE] = "video_note",
	[CHAN_ANIMATION] = "animation",
	[CHAN_DOCUMENT] = "document",
	[CHAN_STICKER] = "sticker",
	[CHAN_LOCATION] = "location",
	[CHAN_CONTACT] = "contact",
	[CHAN_LINK] = "link",
	[CHAN_ITEM] = "item",
	[CHAN_CALL] = "call",
	[CHAN_POLL] = "poll",
	[CHAN_DICE] = "dice",
	[CHAN_SYSTEM] = "system",
	[CHAN_DELETED] = "deleted",
	[CHAN_UNSUPPORTED] = "unsupported",
};

const char *chan_kind_name(enum chan_kind kind)
{
	if ((unsigned)kind >= CHAN_KINDS)
		bug("no such kind of message: %d", (int)kind);
	return kind_names[kind];
}

int chan_kind_read(const char *word)
{
	for (int i = 0; i < CHAN_KINDS; i++)
		if (strcmp(kind_names[i], word) == 0)
			return i;
	return -1;
}

int64_t chan_seconds_at(int64_t seconds)
{
	if (seconds <= 0 || seconds > LAST_SECOND)
		return 0;
	return seconds * CLOCK_SECOND_US;
}
