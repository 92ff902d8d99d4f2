# SPDX-License-Identifier: Apache-2.0
# Accepts a record that holds an x; has no answer where there is a y.
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    case $line in
    *y*) echo "{\"q\":$q,\"error\":\"why\"}" ;;
    *x*) echo "{\"q\":$q,\"ok\":true}" ;;
    *) echo "{\"q\":$q,\"ok\":false}" ;;
    esac
done
