/* commands.h - the subcommands, one function each; private to cli/. */
#ifndef SIPVPN_CLI_COMMANDS_H
#define SIPVPN_CLI_COMMANDS_H

#include "cli/cli.h"

typedef enum exit_code cli_command_fn(
	const struct cli_options *o, const struct cli_parts *parts);

cli_command_fn cli_call;
cli_command_fn cli_status;
cli_command_fn cli_hangup;
cli_command_fn cli_hold;
cli_command_fn cli_resume;
cli_command_fn cli_register;
cli_command_fn cli_version;

#endif
