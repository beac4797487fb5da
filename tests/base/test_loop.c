/*
 * test_loop.c - the only place that waits.
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/socket.h>

#include "base/clock.h"
#include "base/loop.h"
#include "harness/unit.h"

#define DEADLINE_MS 5000

struct probe {
	struct timer timer;
	struct watch watch;
	int number, readable, writable;
};

static struct loop *l;
static int told[600];
static int n_told;
static struct probe *victim;

static void tell(struct timer *t)
{
	told[n_told++] = container_of(t, struct probe, timer)->number;
}

static void turn_until(int n)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;

	while (n_told < n && clock_mono_ms() < end_ms)
		loop_turn(l, 100);
	UNIT_ASSERT_INT(n_told, n);
}

static void begin(void)
{
	l = loop_new(1);
	n_told = 0;
}

static void timers_fire_once_in_the_order_of_their_time(void)
{
	struct probe p[3] = { { .timer.fire = tell, .number = 0 },
			      { .timer.fire = tell, .number = 1 },
			      { .timer.fire = tell, .number = 2 } };

	begin();
	loop_arm(l, &p[0].timer, 20);
	loop_arm(l, &p[1].timer, 0);
	loop_arm(l, &p[2].timer, 10);
	turn_until(3);
	UNIT_ASSERT_INT(told[0], 1);
	UNIT_ASSERT_INT(told[1], 2);
	UNIT_ASSERT_INT(told[2], 0);
	UNIT_ASSERT_INT(p[0].timer.due_ms, 0);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 3);
	loop_free(l);
}

static void arming_again_moves_a_timer(void)
{
	struct probe p[2] = { { .timer.fire = tell, .number = 0 },
			      { .timer.fire = tell, .number = 1 } };

	begin();
	loop_arm(l, &p[0].timer, 3600000);
	loop_arm(l, &p[1].timer, 10);
	loop_arm(l, &p[0].timer, 0);
	turn_until(2);
	UNIT_ASSERT_INT(told[0], 0);
	loop_free(l);
}

static void disarmed_timers_stay_silent(void)
{
	struct probe p[2] = { { .timer.fire = tell, .number = 0 },
			      { .timer.fire = tell, .number = 1 } };

	begin();
	loop_arm(l, &p[0].timer, 0);
	loop_arm(l, &p[1].timer, 0);
	loop_disarm(l, &p[0].timer);
	loop_disarm(l, &p[0].timer);
	turn_until(1);
	UNIT_ASSERT_INT(told[0], 1);
	loop_free(l);
}

static void disarm_victim(struct timer *t)
{
	tell(t);
	loop_disarm(l, &victim->timer);
}

static void a_timer_takes_another_of_the_same_moment_away(void)
{
	struct probe p[2] = { { .timer.fire = disarm_victim, .number = 0 },
			      { .timer.fire = tell, .number = 1 } };

	begin();
	victim = &p[1];
	loop_arm(l, &p[0].timer, 0);
	loop_arm(l, &p[1].timer, 0);
	turn_until(1);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 1);
	loop_free(l);
}

static void arm_again(struct timer *t)
{
	tell(t);
	loop_arm(l, t, 0);
}

static void a_timer_armed_in_its_own_callback_waits_for_the_next_turn(void)
{
	struct probe p = { .timer.fire = arm_again };

	begin();
	loop_arm(l, &p.timer, 0);
	for (int i = 1; i <= 5; i++) {
		loop_turn(l, 100);
		UNIT_ASSERT_INT(n_told, i);
	}
	loop_free(l);
}

static void free_home(struct timer *t)
{
	tell(t);
	free(container_of(t, struct probe, timer));
}

static void a_timer_may_free_what_it_lives_in(void)
{
	struct probe *p = mem_new(sizeof(*p));

	begin();
	p->timer.fire = free_home;
	loop_arm(l, &p->timer, 0);
	turn_until(1);
	loop_free(l);
}

static void hundreds_of_timers_keep_their_order(void)
{
	static struct probe p[600];
	unsigned seed = 1;
	int left = 0;

	begin();
	for (int i = 0; i < 600; i++) {
		p[i] = (struct probe){ .timer.fire = tell };
		seed = seed * 1103515245 + 12345;
		p[i].number = (int)(seed >> 16) % 50;
		loop_arm(l, &p[i].timer, p[i].number);
	}
	/* Every third goes, every fifth moves to the end. */
	for (int i = 0; i < 600; i++) {
		if (i % 3 == 0) {
			loop_disarm(l, &p[i].timer);
			continue;
		}
		if (i % 5 == 0) {
			p[i].number = 1000;
			loop_arm(l, &p[i].timer, 100);
		}
		left++;
	}
	turn_until(left);
	/* Arming took time itself, so only the moved ones are sure to come
	 * behind all others. */
	for (int i = 0; i < n_told; i++)
		CU_ASSERT_EQUAL(told[i] == 1000, i >= n_told - 80);
	loop_free(l);
}

static void note(struct watch *w, bool readable, bool writable)
{
	struct probe *p = container_of(w, struct probe, watch);

	p->readable += readable;
	p->writable += writable;
	told[n_told++] = p->number;
}

static void pair(struct probe *a, struct probe *b)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
		abort();
	*a = (struct probe){ .watch = { .fd = fds[0], .ready = note } };
	*b = (struct probe){ .watch = { .fd = fds[1], .ready = note },
			     .number = 1 };
}

static void part(struct probe *a, struct probe *b)
{
	close(a->watch.fd);
	close(b->watch.fd);
}

static void send_one(const struct probe *p)
{
	if (write(p->watch.fd, "x", 1) != 1)
		abort();
}

static void a_watch_tells_what_is_ready_and_wished_for(void)
{
	struct probe a, b;

	begin();
	pair(&a, &b);
	a.watch.want_read = true;
	loop_watch(l, &a.watch);
	loop_watch(l, &a.watch);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 0);
	send_one(&b);
	turn_until(1);
	UNIT_ASSERT_INT(a.readable, 1);
	UNIT_ASSERT_INT(a.writable, 0);
	a.watch.want_read = false;
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 1);
	a.watch.want_write = true;
	turn_until(2);
	UNIT_ASSERT_INT(a.writable, 1);
	loop_unwatch(l, &a.watch);
	loop_unwatch(l, &a.watch);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 2);
	part(&a, &b);
	loop_free(l);
}

static void a_hang_up_makes_ready_what_is_wished_for(void)
{
	struct probe a, b;

	begin();
	pair(&a, &b);
	a.watch.want_write = true;
	loop_watch(l, &a.watch);
	close(b.watch.fd);
	turn_until(1);
	UNIT_ASSERT_INT(a.writable, 1);
	UNIT_ASSERT_INT(a.readable, 0);
	/* Nobody wishes anything: it does not spin. */
	a.watch.want_write = false;
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 1);
	close(a.watch.fd);
	loop_free(l);
}

static void unwatch_victim(struct watch *w, bool readable, bool writable)
{
	note(w, readable, writable);
	loop_unwatch(l, &victim->watch);
	loop_unwatch(l, w);
}

static void a_watch_takes_another_ready_one_and_itself_away(void)
{
	struct probe a, b;

	begin();
	pair(&a, &b);
	a.watch.want_read = b.watch.want_read = true;
	send_one(&a);
	send_one(&b);
	/* The last one listed is served first. */
	loop_watch(l, &a.watch);
	loop_watch(l, &b.watch);
	b.watch.ready = unwatch_victim;
	a.watch.ready = unwatch_victim;
	victim = &a;
	turn_until(1);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 1);
	part(&a, &b);
	loop_free(l);
}

static void a_watch_without_descriptor_is_passed_over(void)
{
	struct probe p = {
		.watch = { .fd = -1, .want_read = true, .ready = note }
	};

	begin();
	loop_watch(l, &p.watch);
	loop_turn(l, 0);
	UNIT_ASSERT_INT(n_told, 0);
	loop_free(l);
}

static void on_signal(int number)
{
	(void)number;
	loop_stop(l);
}

static void raise_signal(struct timer *t)
{
	tell(t);
	raise(SIGUSR1);
}

static void a_signal_handler_stops_the_loop(void)
{
	struct probe p = { .timer.fire = raise_signal };

	begin();
	signal(SIGUSR1, on_signal);
	loop_arm(l, &p.timer, 0);
	loop_run(l);
	UNIT_ASSERT_INT(n_told, 1);
	/* One that comes before the loop runs counts as well. */
	raise(SIGUSR1);
	loop_run(l);
	signal(SIGUSR1, SIG_DFL);
	loop_free(l);
}

static void a_stop_wakes_a_waiting_loop(void)
{
	struct probe p = { .timer.fire = tell };

	begin();
	loop_arm(l, &p.timer, DEADLINE_MS);
	loop_stop(l);
	/* The stop is noticed by poll() itself, long before the timer. */
	loop_turn(l, DEADLINE_MS);
	UNIT_ASSERT_INT(n_told, 0);
	loop_free(l);
}

int main(int argc, char **argv)
{
	static const struct unit_test tests[] = {
		UNIT_TEST(timers_fire_once_in_the_order_of_their_time),
		UNIT_TEST(arming_again_moves_a_timer),
		UNIT_TEST(disarmed_timers_stay_silent),
		UNIT_TEST(a_timer_takes_another_of_the_same_moment_away),
		UNIT_TEST(
			a_timer_armed_in_its_own_callback_waits_for_the_next_turn),
		UNIT_TEST(a_timer_may_free_what_it_lives_in),
		UNIT_TEST(hundreds_of_timers_keep_their_order),
		UNIT_TEST(a_watch_tells_what_is_ready_and_wished_for),
		UNIT_TEST(a_hang_up_makes_ready_what_is_wished_for),
		UNIT_TEST(a_watch_takes_another_ready_one_and_itself_away),
		UNIT_TEST(a_watch_without_descriptor_is_passed_over),
		UNIT_TEST(a_signal_handler_stops_the_loop),
		UNIT_TEST(a_stop_wakes_a_waiting_loop),
	};

	return unit_main("loop", tests, ARRAY_LEN(tests), argc, argv);
}
