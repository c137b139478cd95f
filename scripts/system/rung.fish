# Completion of rung in fish: commands and options are asked of rung itself, names of its engine.
function __rung_commands
    rung $argv --help 2>/dev/null | sed -n '/Commands:$/,$s/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __rung_options
    set -l words (commandline -opc)
    rung $words[2] --help 2>/dev/null | grep -o -- ' --[a-z][a-z-]*' | string trim
end

complete -c rung -f
complete -c rung -n __fish_use_subcommand -a '(__rung_commands)'
complete -c rung -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -a '(__rung_options)'
complete -c rung -n '__fish_seen_subcommand_from builder checkpoint config container image network pod secret system volume' -a '(__rung_commands (commandline -opc)[2])'
complete -c rung -n '__fish_seen_subcommand_from start rm inspect trace logs cp commit diff export rename wait' -a '(rung ps --all --format "{{.Names}}" 2>/dev/null)'
complete -c rung -n '__fish_seen_subcommand_from stop restart kill pause unpause exec attach top stats port update' -a '(rung ps --format "{{.Names}}" 2>/dev/null)'
complete -c rung -n '__fish_seen_subcommand_from run create rmi tag push history save' -a '(rung images --format "{{.Repository}}:{{.Tag}}" 2>/dev/null)'
complete -c rung -n '__fish_seen_subcommand_from pod' -a '(rung pod ps --format "{{.Name}}" 2>/dev/null)'
complete -c rung -n '__fish_seen_subcommand_from secret' -a '(rung secret ls --format "{{.Name}}" 2>/dev/null)'
