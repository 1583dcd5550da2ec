/*
 * sipvpn_load.c - put a membership into force: at the start, when told to,
 * and when the number in the database has changed.
 */
#include "sipvpn_load.h"

#include "core/dprint.h"
#include "core/sr_module.h"
#include "core/timer.h"
#include "core/timer_proc.h"

#include "kam_slice.h"
#include "sipvpn_change.h"
#include "sipvpn_fault.h"
#include "sipvpn_file.h"
#include "sipvpn_stats.h"
#include "sipvpn_table.h"

#define TICK 1      /* seconds; so soon is seen what this node has changed */
#define PATIENCE 60 /* seconds, about, after which a fault is tried again */

static const struct sipvpn_load_conf *conf;

bool sipvpn_load_from_db(void)
{
	return conf->db.url.len > 0;
}

static bool load_rows(db1_con_t *con, struct sipvpn_load *load)
{
	bool ok;

	if (con)
		ok = sipvpn_db_load(con, load);
	else
		ok = sipvpn_file_load(
			conf->file.s, slice_of_str(conf->domain), load);
	if (!ok)
		return false;
	return sipvpn_rows_note(load, SLICE("end"), 0,
		sipvpn_snapshot_seal(load->snapshot) ? SIPVPN_ROW_OK
						     : SIPVPN_ROW_NO_MEMORY);
}

/*
 * The writer's lock is ours. The number is read before the rows: a change
 * while they are read raises it again, and is loaded the next time.
 */
static bool load_and_publish(db1_con_t *con, struct sipvpn_report *report)
{
	struct sipvpn_load load = {.snapshot = sipvpn_table_new_snapshot()};
	struct sipvpn_writer *writer = sipvpn_table_writer();
	bool first = !sipvpn_table_ready();
	int64_t generation = 0;

	if (!load.snapshot)
		goto drop;
	if (con && !sipvpn_db_generation(con, &generation))
		goto drop;
	if (!load_rows(con, &load))
		goto drop;
	if (con)
		sipvpn_fault_end(SIPVPN_FAULT_READ);
	if (load.bad.n > 0) {
		/* They will not be better the next time. */
		__atomic_store_n(&writer->tried, generation, __ATOMIC_RELAXED);
		sipvpn_rows_log(&load.bad,
			first ? "left out" : "the old membership stays");
		if (!first)
			goto drop;
	}
	report->groups = sipvpn_snapshot_groups(load.snapshot);
	report->members = sipvpn_snapshot_members(load.snapshot);
	report->bad_rows = load.bad.n;
	if (!sipvpn_table_publish(load.snapshot, generation))
		goto drop;
	__atomic_store_n(&writer->tried, generation, __ATOMIC_RELAXED);
	LM_INFO("%u groups, %u members loaded, generation %lld\n",
		report->groups, report->members, (long long)generation);
	return true;
drop:
	sipvpn_snapshot_free(load.snapshot);
	return false;
}

/* Open the database if that is where it comes from. */
static bool open_and_load(struct sipvpn_report *report)
{
	db1_con_t *con = NULL;
	bool ok;

	if (sipvpn_load_from_db()) {
		con = sipvpn_db_open();
		if (!con)
			return false;
	}
	ok = load_and_publish(con, report);
	if (con)
		sipvpn_db_close(con);
	return ok;
}

int sipvpn_load_init(const struct sipvpn_load_conf *c)
{
	struct sipvpn_report report = {0};

	conf = c;
	if ((conf->db.url.len > 0) == (conf->file.len > 0)) {
		LM_ERR("%s of the parameters db_url and members_file must be "
		       "set\n",
			conf->file.len > 0 ? "only one" : "one");
		return -1;
	}
	if (sipvpn_load_from_db() && sipvpn_db_init(&conf->db) < 0)
		return -1;
	sipvpn_change_init(&conf->db);
	return open_and_load(&report) ? 0 : -1;
}

/* 0 when a reload may begin; else the seconds to wait. */
static unsigned int too_early(void)
{
	unsigned int last = sipvpn_table_writer()->last_reload;
	unsigned int delta = (unsigned int)conf->reload_delta;
	unsigned int since = get_ticks() - last;

	if (conf->reload_delta <= 0 || last == 0 || since >= delta)
		return 0;
	return delta - since;
}

enum sipvpn_reload sipvpn_load_again(struct sipvpn_report *report)
{
	enum sipvpn_reload result = SIPVPN_RELOAD_FAILED;

	*report = (struct sipvpn_report){0};
	if (!sipvpn_table_begin())
		return SIPVPN_RELOAD_BUSY;
	report->wait = too_early();
	if (report->wait > 0) {
		result = SIPVPN_RELOAD_EARLY;
		goto out;
	}
	/* 0 means "never", and a second more does not matter. */
	sipvpn_table_writer()->last_reload = get_ticks() ? get_ticks() : 1;
	if (open_and_load(report))
		result = SIPVPN_RELOADED;
	sipvpn_stats_count(result == SIPVPN_RELOADED ? SIPVPN_RELOADS
						     : SIPVPN_RELOAD_FAILS);
out:
	sipvpn_table_end();
	return result;
}

static bool is_new(int64_t generation)
{
	return generation !=
	       __atomic_load_n(&sipvpn_table_writer()->tried, __ATOMIC_RELAXED);
}

enum outlook {
	WELL,    /* nothing is left to be done */
	BUSY,    /* somebody else is loading */
	AT_FAULT /* the database, or memory; logged */
};

/* When something is done the next time. */
struct pace {
	unsigned int left; /* ticks */
	unsigned int wait; /* what left began with, after a fault; else 0 */
};

/*
 * Without the lock: an operator's reload is not refused for a mere look. After
 * a fault all is read, since the number alone does not say that it is over.
 */
static enum outlook look(void)
{
	struct sipvpn_report report = {0};
	db1_con_t *con = sipvpn_db_open();
	enum outlook result = AT_FAULT;
	int64_t generation;

	if (!con)
		return AT_FAULT;
	if (!sipvpn_db_generation(con, &generation))
		goto out;
	result = WELL;
	if (!is_new(generation) && !sipvpn_fault_stands(SIPVPN_FAULT_READ))
		goto out;
	result = BUSY;
	if (!sipvpn_table_begin())
		goto out;
	if (is_new(generation))
		LM_INFO("generation %lld: the membership has changed\n",
			(long long)generation);
	sipvpn_stats_count(load_and_publish(con, &report)
				   ? SIPVPN_RELOADS
				   : SIPVPN_RELOAD_FAILS);
	/* Rows that are bad have been read, too. */
	result = is_new(generation) || sipvpn_fault_stands(SIPVPN_FAULT_READ)
			 ? AT_FAULT
			 : WELL;
	sipvpn_table_end();
out:
	sipvpn_db_close(con);
	return result;
}

/* Nobody notices by himself that there is room on the disk again. */
static enum outlook try_to_write(void)
{
	db1_con_t *con = sipvpn_db_open();
	bool ok = con && sipvpn_change_try(con);

	if (con)
		sipvpn_db_close(con);
	return ok ? WELL : AT_FAULT;
}

/*
 * Of a fault that lasts, Kamailio's modules for databases log each attempt;
 * so from one to the next the time doubles.
 */
static void set_pace(struct pace *pace, enum outlook outlook)
{
	unsigned int interval = (unsigned int)conf->poll_interval;

	if (outlook != AT_FAULT)
		pace->wait = 0;
	else if (pace->wait == 0)
		pace->wait = interval;
	else if (pace->wait < PATIENCE)
		pace->wait *= 2;
	pace->left = outlook == BUSY ? 1 : interval;
	if (pace->wait > 0)
		pace->left = pace->wait;
}

static bool is_due(struct pace *pace)
{
	if (pace->left > 0)
		pace->left--;
	return pace->left == 0;
}

static void poll(unsigned int ticks, void *param)
{
	static struct pace reads, writes;

	(void)ticks;
	(void)param;
	/* Both are asked: each has something to take note of. */
	if (sipvpn_table_hurried() | is_due(&reads))
		set_pace(&reads, look());
	if (!sipvpn_fault_stands(SIPVPN_FAULT_WRITE))
		set_pace(&writes, WELL);
	else if (!sipvpn_fault_stands(SIPVPN_FAULT_READ) && is_due(&writes))
		set_pace(&writes, try_to_write());
}

static bool polls(void)
{
	return sipvpn_load_from_db() && conf->poll_interval > 0;
}

int sipvpn_load_poll_register(void)
{
	if (!polls() || register_basic_timers(1) >= 0)
		return 0;
	LM_ERR("cannot register a process\n");
	return -1;
}

int sipvpn_load_poll_fork(void)
{
	if (!polls() || fork_basic_timer(PROC_TIMER, "SIPVPN POLL", 1, poll,
				NULL, TICK) >= 0)
		return 0;
	LM_ERR("cannot fork the process that looks for changes\n");
	return -1;
}
