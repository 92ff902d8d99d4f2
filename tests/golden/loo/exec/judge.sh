# SPDX-License-Identifier: Apache-2.0
# Accepts a record as long as every number of its "need" is among its items.
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    need=${line#*\"need\":[}
    need=${need%%]*}
    items=${line#*\"items\":[}
    items=" ${items%%]*} "
    ok=true
    for n in $(echo "$need" | tr , ' '); do
        case $(echo "$items" | tr , ' ') in *" $n "*) ;; *) ok=false ;; esac
    done
    echo "{\"q\":$q,\"ok\":$ok}"
done
