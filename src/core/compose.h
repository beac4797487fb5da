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

struct part {
	enum chan_kind kind; /* CHAN_TEXT, or the file's */
	const char *text;    /* of CHAN_TEXT, else the caption or NULL */
	bool has_file;
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

/* Instead of a file that cannot be had: the reason in place of the file. */
void compose_team_without_file(struct arena *a, const struct delivery *d,
			       const struct chan *chan, const char *reason,
			       struct part **parts, size_t *n);

/* For the buyer, as it is.  false: the service cannot take it; err says what
 * it takes. */
bool compose_buyer(struct arena *a, const struct delivery *d,
		   const struct chan *chan, struct part **parts, size_t *n,
		   struct err *err);

/* A file of that many bytes: as what it goes out, or false with the reason.
 * A photo too large for a photo becomes a document where that is possible. */
bool compose_fit_file(const struct chan *chan, enum chan_kind *kind,
		      size_t bytes, struct err *err);

#endif
