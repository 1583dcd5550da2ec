#compdef sipvpn-ua
# zsh completion for sipvpn-ua; installed as _sipvpn-ua where zsh looks.
# What can follow is taken from the running daemon (numbers of calls) and from
# the configuration (names of accounts and peers).

_sipvpn_ua_names() { # account|peer
	local config=${opt_args[-c]:-${opt_args[--config]:-/etc/sipvpn/sipvpn-ua.conf}}
	local -a names
	names=(${(f)"$(sed -n "s/^\[$1  *\([^]]*[^] ]\) *\]\$/\1/p" ${(Q)config} 2>/dev/null)"})
	compadd -a names
}

_sipvpn_ua_calls() {
	local socket=${opt_args[-s]:-$opt_args[--socket]}
	local -a numbers
	numbers=(${(f)"$(sipvpn-ua status ${socket:+-s} ${(Q)socket} 2>/dev/null |
		awk '$1 == "CALL" { calls = 1; next } calls { print $1 }')"})
	compadd -a numbers
}

_sipvpn_ua() {
	local curcontext=$curcontext state
	local -a line commands
	local -A opt_args
	commands=(
		'daemon:register the configured accounts and keep their calls'
		'call:call a user, show the progress, end the call on Ctrl-C'
		'hangup:end a call, named by its number or by the peer'
		"hold:take a call's tunnel down for now; the call goes on"
		'resume:have the tunnel of a call on hold again'
		'status:show accounts and calls'
		'register:register again, now'
		'check-config:say what is wrong with a configuration, or that it is good'
		'version:the version of this program and of the daemon'
	)
	_arguments -C '1:command:->command' '*::argument:->argument'
	if [[ $state == command ]]; then
		_describe command commands
		return
	fi
	local config='[the configuration]:file:_files'
	local socket="[the daemon's control socket]:socket:_files"
	local account='[the account]:account: _sipvpn_ua_names account'
	local log='[log to a file as well]:file:_files'
	local debug='[log details]'
	local -a c s a f d
	c=('(-c --config)'{-c,--config}$config)
	s=('(-s --socket)'{-s,--socket}$socket)
	a=('(-a --account)'{-a,--account}$account)
	f=('(-f --log-file)'{-f,--log-file}$log)
	d=('(-d --debug)'{-d,--debug}$debug)
	case $words[1] in
	daemon) _sipvpn_ua_arguments $c $s $f $d ;;
	call)
		_sipvpn_ua_arguments $c $s $a $f $d \
			'(-g --group)'{-g,--group}'[name this VPN group]:group:' \
			'(-b --background)'{-b,--background}'[leave the call to the daemon]' \
			'1:user: _sipvpn_ua_names peer'
		;;
	hangup | hold | resume)
		_sipvpn_ua_arguments $s '1:call: _sipvpn_ua_calls'
		;;
	status)
		_sipvpn_ua_arguments $s '(-j --json)'{-j,--json}'[print JSON]' \
			'(-w --watch)'{-w,--watch}'[show it again at each change]'
		;;
	register) _sipvpn_ua_arguments $s $a ;;
	check-config) _sipvpn_ua_arguments $c '1:file:_files' ;;
	version) _sipvpn_ua_arguments $s ;;
	esac
}

_sipvpn_ua_arguments() {
	_arguments -s '(- *)'{-h,--help}'[show the help]' "$@"
}

_sipvpn_ua "$@"
