# Completion of rung in bash: commands and options are asked of rung itself, names of its engine.
_rung_names() {
    case $1 in
        image | rmi | tag | push | history | save) rung images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null ;;
        run | create) rung images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null ;;
        start | rm | inspect | trace | explain | logs | cp | commit | diff | export | rename | wait | container) rung ps --all --format '{{.Names}}' 2>/dev/null ;;
        stop | restart | kill | pause | unpause | exec | attach | top | stats | port | update) rung ps --format '{{.Names}}' 2>/dev/null ;;
        pod) rung pod ps --format '{{.Name}}' 2>/dev/null ;;
        secret) rung secret ls --format '{{.Name}}' 2>/dev/null ;;
        network) rung network ls --format '{{.Name}}' 2>/dev/null ;;
        volume) rung volume ls --format '{{.Name}}' 2>/dev/null ;;
    esac
}

_rung_commands() {
    rung ${1:+"$1"} --help 2>/dev/null | sed -n '/Commands:$/,$s/^  \([a-z][a-z-]*\).*/\1/p'
}

# Answers with the words of a list that begin as the one to be completed; zsh has no mapfile.
_rung_answer() {
    local found
    while IFS= read -r found; do
        COMPREPLY+=("$found")
    done < <(compgen -W "$1" -- "$2")
}

_rung() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} before=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        _rung_answer "$(_rung_commands)" "$word"
    elif [[ $before = --runtime ]]; then
        _rung_answer "$(rung runtimes --format '{{.Name}}' 2>/dev/null)" "$word"
    elif [[ $word = -* ]]; then
        _rung_answer "$(rung "$command" --help 2>/dev/null | grep -o -- ' --[a-z][a-z-]*')" "$word"
    elif [[ $COMP_CWORD = 2 && " builder checkpoint config container image network pod secret system volume " = *" $command "* ]]; then
        _rung_answer "$(_rung_commands "$command")" "$word"
    else
        _rung_answer "$(_rung_names "$command")" "$word"
    fi
}
complete -o default -F _rung rung
