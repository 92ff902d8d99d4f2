# SPDX-License-Identifier: Apache-2.0
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    case $line in
    *comment*) echo "{\"q\":$q,\"error\":\"no \\u00e9 comment\"}" ;;
    *'"items":[]'*) echo "{\"q\":$q,\"ok\":false}" ;;
    *) echo "{\"q\":$q,\"ok\":true}" ;;
    esac
done
