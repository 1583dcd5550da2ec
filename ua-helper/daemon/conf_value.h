/*
 * conf_value.h - the value of a key: from its text to a field. For
 * conf_read.c.
 */
#ifndef SIPVPN_CONF_VALUE_H
#define SIPVPN_CONF_VALUE_H

#include "daemon/conf.h"

/*
 * Set the field at where; NULL: done. Else why the text will not do, to be
 * put behind "'TEXT' "; nothing is set then.
 */
typedef const char *conf_value_fn(void *where, const char *text);

conf_value_fn conf_text;    /* char *: anything but nothing */
conf_value_fn conf_path;    /* char *: an absolute path */
conf_value_fn conf_user;    /* char *: a SIP user */
conf_value_fn conf_uri;     /* char *: user or user@domain, sip: taken off */
conf_value_fn conf_domain;  /* char * */
conf_value_fn conf_group;   /* char * */
conf_value_fn conf_yes;     /* bool */
conf_value_fn conf_port;    /* uint16_t */
conf_value_fn conf_count;   /* unsigned, 1 to 10000 */
conf_value_fn conf_address; /* struct vpnsdp_addr */
conf_value_fn conf_pool;    /* struct pool */
conf_value_fn conf_program; /* char **: argv */
conf_value_fn conf_accepts; /* enum conf_accept */
conf_value_fn conf_dials;   /* enum conf_dial */
conf_value_fn conf_proxies; /* GPtrArray * of struct conf_proxy */

#endif
