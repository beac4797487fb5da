/*
 * words.h - what is more than words, said in words, and as data.
 *
 * Both drivers read such things and every side must be able to show them, so
 * they are worded in one place.  Each fills kind, text and data of the message;
 * strings may be "" where the service did not tell.  Russian, for people.
 */
#ifndef CHAN_WORDS_H
#define CHAN_WORDS_H

#include "chan/chan.h"

/* Coordinates out of range: none were told. */
struct words_place {
	double latitude, longitude;
	const char *title, *address;
};
void words_place(struct arena *a, const struct words_place *place,
		 struct chan_message *m);

void words_contact(struct arena *a, const char *phone, const char *first_name,
		   const char *last_name, struct chan_message *m);

void words_poll(struct arena *a, const char *question,
		const char *const *options, size_t n, struct chan_message *m);

void words_dice(struct arena *a, const char *emoji, int64_t value,
		struct chan_message *m);

/* format: "static", "animated", "video". */
void words_sticker(struct arena *a, const char *emoji, const char *format,
		   struct chan_message *m);

void words_link(struct arena *a, const char *text, const char *url,
		const char *title, const char *description,
		struct chan_message *m);

void words_item(struct arena *a, const char *title, const char *price,
		const char *url, struct chan_message *m);

/* status: the service's word, such as "missed". */
void words_call(struct arena *a, const char *status, struct chan_message *m);

#endif
