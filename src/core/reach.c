/*
 * reach.c - can the bytes of a file be had?
 */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "chan/telegram.h"
#include "core/reach.h"

#define MB (1024 * 1024)

static bool is_too_large(const struct delivery *d,
			 const struct delivery_file *f)
{
	return strcmp(d->origin, "telegram") == 0 && *f->ref && !*f->sha256 &&
	       f->bytes > TG_DOWNLOAD_MAX;
}

/* Above zero is a source, below it the team's group. */
static int64_t seen_by(const struct delivery *d)
{
	return d->origin_id > 0 ? d->source_bot_id : d->bot_id;
}

static int64_t sent_by(const struct delivery *d)
{
	return strcmp(d->direction, "team") == 0 ? d->bot_id : d->source_bot_id;
}

bool reach_by_id(const struct delivery *d, const struct delivery_file *f)
{
	return is_too_large(d, f) && sent_by(d) && sent_by(d) == seen_by(d);
}

const char *reach_trouble(struct arena *a, const struct delivery *d,
			  const struct delivery_file *f)
{
	const char *who = "";

	if (!is_too_large(d, f) || reach_by_id(d, f))
		return NULL;
	/* Of several it is named by whoever says so. */
	if (d->n_files < 2)
		who = *f->name ? arena_printf(a, "Файл «%s», ", f->name)
			       : "Файл, ";
	return arena_printf(
		a,
		"%s%" PRId64 " МБ — боты Telegram не могут скачать больше %d "
		"МБ. Нужен файл поменьше или ссылка на него.",
		who, (f->bytes + MB - 1) / MB, (int)(TG_DOWNLOAD_MAX / MB));
}
