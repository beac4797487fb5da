/*
 * limits.h - the daemon's manners, on one screen.
 */
#ifndef DAEMON_LIMITS_H
#define DAEMON_LIMITS_H

#define SECOND_US 1000000LL

/* In work at once: deliveries, other tasks, and HTTP calls of both. */
#define JOBS_MAX  512
#define TASKS_MAX 256
#define CALLS_MAX (JOBS_MAX + TASKS_MAX)

/* Of one kind of task; of those that come with each message; of polls, and of
 * polls of accounts that failed the last time. */
#define ROOM_KIND         16
#define ROOM_SMALL        64
#define ROOM_POLLS        128
#define ROOM_POLLS_FAILED 16

/* Tasks are taken up and written off together, in the long run so often at
 * most; so many times at once after a quiet time. */
#define SHIFT_MS    50
#define SHIFTS_OWED 10
/* But for endings that are no routine. */
#define ENDING_MS 10

/* One call; uploads and downloads carry files of up to 24 MB. */
#define CALL_TIMEOUT_MS 20000
#define FILE_TIMEOUT_MS 90000
/* A poll that is not answered comes again, and others wait. */
#define POLL_TIMEOUT_MS 10000

/* Calls in work at one place (place.h). */
#define WINDOW_FIRST 8
#define WINDOW_MAX   64
/* A place at its quota is tried with so many. */
#define TIGHT_ROOM 2
#define TIGHT_US   (60 * SECOND_US)
/* The quota with the longest span, shared by a few daemons without Redis. */
#define QUOTA_MAX_US (300 * SECOND_US)
/* A place that fails is closed for at most so long before the next call. */
#define CLOSED_MAX_US (60 * SECOND_US)

/* Files that leave in one call, in memory meanwhile: below the 50 MB of a call
 * to Telegram, above ten photos of a phone. */
#define CARGO_BYTES_MAX (40u * 1024 * 1024)

/* Texts that travel as one when the quota is the bottleneck. */
#define JOINED_MAX 50

/* The master bot waits so long for what people write to it, and its call a bit
 * longer; when nothing new came at once it rests for a moment, and after trouble
 * it comes again within a minute. */
#define LONG_POLL_S          25
#define LONG_POLL_TIMEOUT_MS 35000
#define LONG_POLL_PAUSE_US   SECOND_US
#define LONG_POLL_RETRY_US   (60 * SECOND_US)

/* Helpers that make pictures of stickers: at once, and how long each may take;
 * a sticker of usual size takes 20 ms. */
#define CONVERTS_MAX       2
#define CONVERT_TIMEOUT_MS 5000

/* Longer than the call it covers, renewed before each. */
#define LEASE_US       (30 * SECOND_US)
#define FILE_LEASE_US  (120 * SECOND_US)
#define LEASE_SPARE_US (LEASE_US - CALL_TIMEOUT_MS * 1000LL)

/* Without a ring from the doorbell the database is asked this often. */
#define IDLE_MS 5000
/* A lane that somebody else was writing to is asked for again. */
#define PASSED_OVER_MS 20
/* Other daemons' lanes that wait for room are looked for this often. */
#define PLACES_EVERY_MS 30000

/* A daemon that has not been seen for so long is forgotten. */
#define PRESENCE_GONE_US (3600 * SECOND_US)

/* A database that went away is asked again, less and less often. */
#define DB_RETRY_MS     250
#define DB_RETRY_MAX_MS 4000

/* On SIGTERM calls in flight get this long to end. */
#define STOP_MS 4000

/* An Avito token is renewed this long before it ends. */
#define TOKEN_MARGIN_US   (300 * SECOND_US)
#define TOKEN_LEASE_US    (30 * SECOND_US)
#define TOKEN_WAIT_MS     150
#define TOKEN_PATIENCE_US (40 * SECOND_US)

/* An unsure send is looked for twice: after the service had time to finish
 * what it may have begun, and once more. */
#define SETTLE_WAIT_US  (5 * SECOND_US)
#define SETTLE_PAUSE_US (3 * SECOND_US)
/* Clocks differ: an echo may carry a time this much before its attempt. */
#define SETTLE_SKEW_US (300 * SECOND_US)
#define SETTLE_PAGES   3

/* One topic's title and icon change once in so long, and in a group so many
 * topics a minute. */
#define TOPIC_CHANGE_EVERY_US    (60 * SECOND_US)
#define TOPIC_CHANGES_PER_MINUTE 20

/* What is broken is looked at again without being asked. */
#define RECHECK_US (300 * SECOND_US)
/* What works is looked at daily (webhook taken over, rights changed). */
#define DAILY_US (86400 * SECOND_US)

/* After a break the polls that have waited are spread over at most this. */
#define POLLS_SPREAD_US (10 * SECOND_US)

/* Has an account fallen silent? */
#define SILENCE_US (3600 * SECOND_US)

/* The poller: a full walk this often; history taken over at the first
 * connection; what is too old to be relayed then. */
#define WALK_EVERY_US (300 * SECOND_US)
#define BASELINE_LAST 20
/* So long messages can be deleted, and are read again for it: their hour, and
 * a walk. */
#define RESCAN_US (3900 * SECOND_US)
/* Avito tells whole seconds, by its own clock. */
#define BASELINE_SKEW_US (600 * SECOND_US)
#define BASELINE_AGE_US  (86400 * SECOND_US)

/* Seen updates are remembered longer than Telegram repeats them (24 h). */
#define UPDATES_KEEP_US (48 * 3600 * SECOND_US)

/* Links that have ended tell for a day who asked for them. */
#define LINKS_KEEP_US DAILY_US

/* The details of a chat are worth this many tries before the topic is made
 * without them. */
#define DETAILS_TRIES 3
/* And so long a wait from when the message came in, if Avito asks for it. */
#define DETAILS_WAIT_US (30 * SECOND_US)

#endif
