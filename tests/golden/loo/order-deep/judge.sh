# SPDX-License-Identifier: Apache-2.0
# Accepts a record that holds an x1.
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    case $line in *x1*) ok=true ;; *) ok=false ;; esac
    echo "{\"q\":$q,\"ok\":$ok}"
done
