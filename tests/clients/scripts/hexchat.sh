#!/usr/bin/env bash
# HexChat on a display that nobody sees; each line of standard input is typed into its window. Its settings
# are in $HOME; as root it would only say that it should not be root.
set -uo pipefail
started=()
trap 'kill "${started[@]}" 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

exec 5<> <(:)
Xvfb -displayfd 5 -screen 0 1200x800x24 -nolisten tcp 2>/dev/null &
started+=($!)
read -r number <&5
export DISPLAY=":$number"
openbox >/dev/null 2>&1 &
started+=($!)
# A window that comes before its manager might never be given the keyboard.
until xdotool get_num_desktops >/dev/null 2>&1; do sleep 0.1; done
# It looks for a desktop around it; there is none.
export DBUS_SESSION_BUS_ADDRESS=disabled:
user=()
if [ "$(id -u)" = 0 ]; then user=(setpriv --reuid=65534 --regid=65534 --clear-groups); fi
"${user[@]}" hexchat -d "$HOME" >"$HOME/out" 2>&1 &
started+=($!)
while read -r line; do
    active=
    until [ -n "$active" ] && [ "$active" = "$(timeout 2 xdotool getactivewindow 2>/dev/null)" ]; do
        active=$(timeout 2 xdotool search --onlyvisible --class hexchat 2>/dev/null | tail -1)
        timeout 2 xdotool windowactivate "$active" 2>/dev/null
        sleep 0.1
    done
    timeout 20 xdotool type --delay 10 "$line"
    timeout 5 xdotool key Return
    echo "typed $line"
done
