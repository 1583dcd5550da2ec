# shellcheck shell=bash
# bash completion for sipvpn-ua; needs nothing but bash.
# What can follow is taken from the running daemon (numbers of calls) and from
# the configuration (names of accounts and peers).

_sipvpn_ua_names() { # account|peer FILE
	sed -n "s/^\[$1  *\([^]]*[^] ]\) *\]\$/\1/p" "$2" 2>/dev/null
}

_sipvpn_ua_calls() { # SOCKET OPTION...
	sipvpn-ua status "$@" 2>/dev/null |
		awk '$1 == "CALL" { calls = 1; next } calls { print $1 }'
}

_sipvpn_ua() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local config=/etc/sipvpn/sipvpn-ua.conf options words="" i
	local -a socket=()

	COMPREPLY=()
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c | --config) config=${COMP_WORDS[i + 1]} ;;
		-s | --socket) socket=(-s "${COMP_WORDS[i + 1]}") ;;
		esac
	done
	case ${COMP_WORDS[1]} in
	daemon) options="--config --socket --log-file --debug" ;;
	call) options="--config --socket --account --log-file --debug
		--background --group" ;;
	hangup | hold | resume) options="--socket" ;;
	status) options="--socket --json --watch" ;;
	register) options="--socket --account" ;;
	check-config) options="--config" ;;
	version) options="--socket" ;;
	*) options="" ;;
	esac
	if ((COMP_CWORD == 1)); then
		words="daemon call hangup hold resume status register check-config version"
	elif [[ $prev == -c || $prev == --config || $prev == -s ||
		$prev == --socket || $prev == -f || $prev == --log-file ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	elif [[ $prev == -a || $prev == --account ]]; then
		words=$(_sipvpn_ua_names account "$config")
	elif [[ $cur == -* ]]; then
		words="$options --help"
	elif [[ ${COMP_WORDS[1]} == call ]]; then
		words=$(_sipvpn_ua_names peer "$config")
	elif [[ ${COMP_WORDS[1]} =~ ^(hangup|hold|resume)$ ]]; then
		words=$(_sipvpn_ua_calls "${socket[@]}")
	elif [[ ${COMP_WORDS[1]} == check-config ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _sipvpn_ua sipvpn-ua
