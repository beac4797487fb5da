/*
 * all.c - every outside service we speak to.
 */
#include "config.h"

#include <string.h>

#include "chan/avito.h"
#include "chan/telegram.h"

const struct chan *const chan_all[] = {
	&chan_avito,
	&chan_telegram,
	&chan_telegram_bot,
	&chan_telegram_business,
	NULL,
};

const struct chan *chan_find(const char *name)
{
	for (size_t i = 0; chan_all[i]; i++)
		if (strcmp(chan_all[i]->name, name) == 0)
			return chan_all[i];
	return NULL;
}

const struct chan *chan_of(const char *source, bool is_business)
{
	if (strcmp(source, "avito") == 0)
		return &chan_avito;
	return is_business ? &chan_telegram_business : &chan_telegram_bot;
}
