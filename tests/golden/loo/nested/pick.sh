# SPDX-License-Identifier: Apache-2.0
# Counts the word keep: as many as there were must stay.
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    ok=false
    case $line in *keep*keep*) ok=true ;; *'{"items":[1]'*keep*) ok=true ;; esac
    echo "{\"q\":$q,\"ok\":$ok}"
done
