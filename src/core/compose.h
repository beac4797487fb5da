/*
 * compose.h - how a message looks on the other side.
 *
 * Pure: a delivery and what the other side's driver can take, in; the parts
 * it becomes, out, the same each time, so that part numbers mean the same
 * after a crash.  Texts are in Russian, for people in Telegram.
 */
#ifndef CORE_COMPOSE_H
#define CORE_COMPOSE_H

#include "chan/chan.h"
#include "store/delivery.h"

/* A message with several files has a part for each of them, in order, and then
 * those of its text, unless that is the caption of the first. */
struct part {
	enum chan_kind kind;  /* CHAN_TEXT, the file's, or that of the data */
	const char *text;     /* of CHAN_TEXT and data, else the caption or
			       * NULL */
	const char *entities; /* of text; NULL: none */
	const char *data;     /* what it consists of; NULL: words, or a file */
	bool has_file;
	size_t file; /* with has_file: which of the delivery's */
	/* With has_file: a sticker that shall go as a picture, and the words
	 * that go if it does not become one; else NULL. */
	const char *instead;
};

/* "Анна · Велосипед": at most 128 UTF-16 units, never empty. */
const char *compose_topic(struct arena *a, const struct delivery *d);

/* The ad's card: title, price, link, buyer. */
const char *compose_card(struct arena *a, const struct delivery *d);

/* For the team: everything can be shown, in the worst case as a line that
 * names it. */
void compose_team(struct arena *a, const struct delivery *d,
		  const struct chan *chan, struct part **parts, size_t *n);

/* A text that may travel with others of its topic when the group's quota is
 * the bottleneck. */
bool compose_may_join(const struct delivery *d);

/* Adds what travels with a text of one part to it, each under its own author
 * (named once for what is theirs in a row), as far as it fits; *n becomes how
 * many did. */
void compose_joined(struct arena *a, const struct delivery *lead,
		    const struct delivery *joined, size_t *n,
		    const struct chan *chan, struct part *parts,
		    size_t n_parts);

/* The file of this part cannot be had: it becomes a text that says why, with
 * the caption that it carried.  No part changes its number. */
void compose_without_file(struct arena *a, const struct delivery *d,
			  const struct chan *chan, const char *reason,
			  struct part *p);

/* How many parts from `first` on can travel in one call: files that make an
 * album there; else 1. */
size_t compose_together(const struct chan *chan, const struct part *parts,
			size_t n, size_t first);

/* Of several files it is named which the words are about. */
const char *compose_of_file(struct arena *a, const struct delivery *d,
			    size_t file, const char *words);

/* For the buyer, as it is: what the service does not take but can be said in
 * words goes as these.  false: it cannot, or not one of its files; err says
 * which, and what the service takes. */
bool compose_buyer(struct arena *a, const struct delivery *d,
		   const struct chan *chan, struct part **parts, size_t *n,
		   struct err *err);

/* The sticker did not become a picture: the part becomes a text.  false: it
 * was none. */
bool compose_instead(struct part *p);

/* A file of that many bytes: as what it goes out, or false with the reason.
 * A photo too large for a photo becomes a document where that is possible. */
bool compose_fit_file(const struct chan *chan, enum chan_kind *kind,
		      size_t bytes, struct err *err);

#endif
