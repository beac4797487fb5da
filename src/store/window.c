/*
 * window.c - limits of the other side, kept by all daemons together.
 *
 * A sliding log, here (takes.c) and in Redis (the script below): the place
 * number `limit` from the newest take backwards must be older than the span.
 * A window in Redis is a list of times, the newest first, never one of them
 * out of order and never more than the span holds.
 *
 * Whether Redis knows everything is told by its epoch, a key that is made when
 * it is missing: a Redis that lost the windows has a new one.  Until one span
 * after that, or after Redis was away, its answer alone does not do.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "store/redis_link.h"
#include "store/takes.h"
#include "store/window.h"

/* Of the span, and at least so much: a short way and a long one to the same
 * service differ by that. */
#define MARGIN_PART   60
#define MARGIN_MIN_US (100 * INT64_C(1000))

/* Another daemon may notice so much later that Redis is back: the pause of
 * redis_link.c and what its last attempt took. */
#define NOTICE_US (2 * CLOCK_SECOND_US)

#define FULL_PAUSE_US CLOCK_SECOND_US
#define ASK_MAX       3 /* one for the answer, and Redis may be emptied twice */

#define KEY_PREFIX "tuberry:window:"
#define EPOCH_KEY  "tuberry:windows"
#define NAME_SIZE  (sizeof(KEY_PREFIX) + WINDOW_KEY_MAX)
#define NUMBER_MAX 24
#define SHA_MAX    41

/* EVALSHA, the script, number of keys, the epoch's; now, want, epoch; and of
 * each window key, limit, span, weight. */
#define ARGS_MAX (7 + 4 * WINDOWS_AT_ONCE)

struct windows {
	struct redis_link link;
	struct takes_table *table;
	char sha[SHA_MAX]; /* of the script; "": not loaded */
	int daemons;
	int64_t epoch;     /* as last told by Redis; 0: never */
	int64_t unsure_at; /* Redis was away, or new; 0: never */
	bool believes;     /* Redis alone, whenever it answers */
};

/*
 * Numbers stay below 2^53, which a Lua number holds exactly.  Keys outlive
 * their span by ten minutes of Redis's own clock, since it is not the clock
 * that the times come from.
 */
static const char script[] =
	"local now, want = tonumber(ARGV[1]), tonumber(ARGV[2]) "
	"local epoch = redis.call('GET', KEYS[1]) "
	"if not epoch then"
	"  epoch = ARGV[1]"
	"  redis.call('SET', KEYS[1], epoch) "
	"end "
	"redis.call('PEXPIRE', KEYS[1], 86400000) "
	"if epoch ~= ARGV[3] then return { tonumber(epoch) } end "

	"local function limit(i) return tonumber(ARGV[3 * i - 2]) end "
	"local function span(i) return tonumber(ARGV[3 * i - 1]) end "
	"local function weight(i) return tonumber(ARGV[3 * i]) end "
	"local function nth(i, n)"
	"  return tonumber(redis.call('LINDEX', KEYS[i], n) or nil) "
	"end "

	/* What is over goes, and the future becomes now. */
	"for i = 2, #KEYS do"
	"  while (nth(i, -1) or now) + span(i) <= now do"
	"    redis.call('RPOP', KEYS[i])"
	"  end"
	"  local n = 0"
	"  while (nth(i, n) or now) > now do"
	"    redis.call('LSET', KEYS[i], n, ARGV[1])"
	"    n = n + 1"
	"  end "
	"end "

	/* When the places behind n takes are free in all of them. */
	"local function free_at(n)"
	"  local at = now"
	"  for i = 2, #KEYS do"
	"    local taken, place = now, (n + 1) * weight(i)"
	"    if place <= limit(i) then taken = nth(i, limit(i) - place) end"
	"    if taken then at = math.max(at, taken + span(i)) end"
	"  end"
	"  return at "
	"end "

	"local granted = 0 "
	"while granted < want and free_at(granted) <= now do"
	"  granted = granted + 1 "
	"end "
	"local answer = { tonumber(epoch), granted, free_at(granted) } "
	"for i = 2, #KEYS do"
	"  for _ = 1, granted * weight(i) do"
	"    redis.call('LPUSH', KEYS[i], ARGV[1])"
	"  end"
	"  redis.call('PEXPIRE', KEYS[i], math.ceil(span(i) / 1000) + 600000)"
	"  answer[i + 2] = redis.call('LLEN', KEYS[i]) "
	"end "
	"return answer";

struct windows *windows_new(const char *url)
{
	struct windows *w = mem_new(sizeof(*w));

	if (!redis_link_init(&w->link, url, "limits")) {
		free(w);
		return NULL;
	}
	w->table = takes_table_new();
	w->daemons = 1;
	return w;
}

void windows_free(struct windows *w)
{
	if (!w)
		return;
	redis_link_release(&w->link);
	takes_table_free(w->table);
	free(w);
}

void windows_daemons(struct windows *w, int alive)
{
	w->daemons = alive > 1 ? alive : 1;
}

void windows_believe(struct windows *w)
{
	w->believes = true;
}

int64_t window_kept_us(const struct window *window)
{
	int64_t margin_us = window->span_us / MARGIN_PART;

	if (margin_us < MARGIN_MIN_US)
		margin_us = MARGIN_MIN_US;
	return window->span_us + margin_us;
}

/*
 * What this process knows by itself.
 */

/* One call of windows_take() at work. */
struct take {
	struct redis_talk talk;
	struct windows *w;
	const struct window *list;
	struct takes *takes[WINDOWS_AT_ONCE];
	size_t n;
	int64_t now;
	int want;

	/* Redis's answer */
	bool no_script;
	int64_t epoch; /* another than we knew: nothing else is told */
	int granted;
	int64_t free_at;
	int used[WINDOWS_AT_ONCE];
};

struct rule {
	int limit;
	int64_t span_us;
};

static struct rule whole(const struct window *window)
{
	return (struct rule){ window->limit, window_kept_us(window) };
}

/* All shares together are no more than the whole. */
static struct rule share(const struct window *window, int daemons)
{
	struct rule r = whole(window);

	if (r.limit >= daemons) {
		r.limit /= daemons;
	} else {
		r.span_us *= (daemons + r.limit - 1) / r.limit;
		r.limit = 1;
	}
	return r;
}

/* Does Redis know all takes that still count? */
static bool is_sure(const struct take *k, size_t i)
{
	const struct windows *w = k->w;

	return w->unsure_at == 0 ||
	       w->unsure_at + window_kept_us(&k->list[i]) + NOTICE_US <= k->now;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int weight_of(const struct window *window)
{
	return window->weight ? window->weight : 1;
}

/* When the places behind n takes are free.  What weighs more than a share is
 * granted when the whole share is free. */
static int64_t place_at(const struct take *k, size_t i, struct rule r, int n,
			bool with_others)
{
	int64_t taken_at = k->now;
	int weight = weight_of(&k->list[i]);
	int place = (n + 1) * (weight < r.limit ? weight : r.limit);

	if (place <= r.limit)
		taken_at = takes_nth(k->takes[i], r.limit - place + 1,
				     with_others);
	return taken_at == INT64_MIN ? k->now
				     : later(k->now, taken_at + r.span_us);
}

/* The same in all windows. */
static int64_t own_free_at(const struct take *k, int n)
{
	int64_t at = k->now;

	for (size_t i = 0; i < k->n; i++) {
		const struct window *window = &k->list[i];
		bool sure = is_sure(k, i);

		at = later(at, place_at(k, i, whole(window), n, !sure));
		if (!sure)
			at = later(at,
				   place_at(k, i, share(window, k->w->daemons),
					    n, false));
	}
	return at;
}

static int own_places(const struct take *k, int want)
{
	int n = 0;

	while (n < want && own_free_at(k, n) <= k->now)
		n++;
	return n;
}

/*
 * What Redis knows.
 */

struct args {
	const char *text[ARGS_MAX];
	char number[ARGS_MAX][NUMBER_MAX];
	char name[WINDOWS_AT_ONCE][NAME_SIZE];
	int n;
};

static void add_text(struct args *args, const char *text)
{
	args->text[args->n++] = text;
}

static void add_number(struct args *args, int64_t number)
{
	char *text = args->number[args->n];

	snprintf(text, NUMBER_MAX, "%lld", (long long)number);
	add_text(args, text);
}

static void name_write(char out[NAME_SIZE], const struct window *window)
{
	snprintf(out, NAME_SIZE, KEY_PREFIX "%s", window->key);
}

static int queue_take(struct redis_talk *talk, redisContext *ctx)
{
	struct take *k = container_of(talk, struct take, talk);
	struct args args = { 0 };

	add_text(&args, "EVALSHA");
	add_text(&args, k->w->sha);
	add_number(&args, (int64_t)k->n + 1);
	add_text(&args, EPOCH_KEY);
	for (size_t i = 0; i < k->n; i++) {
		name_write(args.name[i], &k->list[i]);
		add_text(&args, args.name[i]);
	}
	add_number(&args, k->now);
	add_number(&args, k->want);
	add_number(&args, k->w->epoch);
	for (size_t i = 0; i < k->n; i++) {
		add_number(&args, k->list[i].limit);
		add_number(&args, window_kept_us(&k->list[i]));
		add_number(&args, weight_of(&k->list[i]));
	}
	redisAppendCommandArgv(ctx, args.n, args.text, NULL);
	return 1;
}

static void hear_take(struct redis_talk *talk, const redisReply *reply)
{
	struct take *k = container_of(talk, struct take, talk);

	k->no_script = reply->type == REDIS_REPLY_ERROR;
	if (k->no_script)
		return;
	k->epoch = reply->element[0]->integer;
	if (reply->elements < 3 + k->n)
		return;
	k->granted = (int)reply->element[1]->integer;
	k->free_at = reply->element[2]->integer;
	for (size_t i = 0; i < k->n; i++)
		k->used[i] = (int)reply->element[3 + i]->integer;
}

struct loading {
	struct redis_talk talk;
	struct windows *w;
};

static int queue_script(struct redis_talk *talk, redisContext *ctx)
{
	(void)talk;
	redisAppendCommand(ctx, "SCRIPT LOAD %s", script);
	return 1;
}

static void hear_script(struct redis_talk *talk, const redisReply *reply)
{
	struct loading *l = container_of(talk, struct loading, talk);

	snprintf(l->w->sha, SHA_MAX, "%s", reply->str);
}

static bool load_script(struct windows *w)
{
	struct loading l = { { queue_script, hear_script }, w };

	return redis_link_talk(&w->link, &l.talk);
}

/* Emptied or started anew: it knows neither script nor windows. */
static void note_epoch(struct take *k)
{
	k->w->epoch = k->epoch;
	k->w->unsure_at =
		later(k->w->unsure_at, k->epoch < k->now ? k->epoch : k->now);
}

/* False: no answer, or none that would do. */
static bool ask(struct take *k, int want)
{
	struct windows *w = k->w;

	for (int asked = 0; asked < ASK_MAX; asked++) {
		k->want = w->believes ? want : own_places(k, want);
		if ((!*w->sha && !load_script(w)) ||
		    !redis_link_talk(&w->link, &k->talk))
			return false;
		if (k->no_script)
			*w->sha = '\0';
		else if (k->epoch != w->epoch)
			note_epoch(k);
		else
			return true;
	}
	return false;
}

/*
 * Both together.
 */

static bool open_takes(struct take *k)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct window *window = &k->list[i];
		struct rule r = share(window, k->w->daemons);

		if (window->limit < 1 || weight_of(window) > window->limit ||
		    strlen(window->key) > WINDOW_KEY_MAX)
			bug("windows_take: %s", window->key);
		k->takes[i] =
			takes_open(k->w->table, window->key, r.span_us, k->now);
		if (!k->takes[i])
			return false;
	}
	return true;
}

/* While Redis is not to be trusted, what the others took before counts. */
static void note_others(struct take *k)
{
	for (size_t i = 0; i < k->n; i++) {
		struct takes *t = k->takes[i];
		int own = takes_since(t, k->now - window_kept_us(&k->list[i]));

		if (!is_sure(k, i))
			continue;
		t->others = k->used[i] > own ? k->used[i] - own : 0;
		t->others_at = k->now;
	}
}

int windows_take(struct windows *w, const struct window *list, size_t n,
		 int want, int64_t now, int64_t *free_at)
{
	struct take k = { .talk = { queue_take, hear_take },
			  .w = w,
			  .list = list,
			  .n = n,
			  .now = now };
	bool asked;

	if (n > WINDOWS_AT_ONCE)
		bug("windows_take: %zu windows", n);
	if (w->unsure_at > now)
		w->unsure_at = now;
	takes_sweep(w->table, now);
	if (!open_takes(&k)) {
		*free_at = now + FULL_PAUSE_US;
		return 0;
	}
	/* Even when nothing is left here: Redis knows better for how long. */
	asked = ask(&k, want);
	if (!asked) {
		w->unsure_at = now;
		k.granted = own_places(&k, want);
		k.free_at = now;
	}
	for (size_t i = 0; i < n; i++)
		takes_add(k.takes[i], k.granted * weight_of(&list[i]), now);
	if (asked)
		note_others(&k);
	if (k.granted < want)
		*free_at = asked && w->believes
				   ? k.free_at
				   : later(k.free_at, own_free_at(&k, 0));
	return k.granted;
}

struct forgetting {
	struct redis_talk talk;
	const char *key;
};

static int queue_forget(struct redis_talk *talk, redisContext *ctx)
{
	struct forgetting *f = container_of(talk, struct forgetting, talk);

	redisAppendCommand(ctx, "DEL " KEY_PREFIX "%s", f->key);
	return 1;
}

void windows_forget(struct windows *w, const char *key)
{
	struct forgetting f = { { queue_forget, NULL }, key };

	takes_forget(w->table, key);
	redis_link_talk(&w->link, &f.talk);
}
