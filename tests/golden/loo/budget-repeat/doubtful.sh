# SPDX-License-Identifier: Apache-2.0
# Accepts a record that holds an x, but for the second time it is asked; notes what it was asked.
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    case $line in *x*) ok=true ;; *) ok=false ;; esac
    case $line in *'"repeat":2}') if [ $ok = true ]; then ok=false; else ok=true; fi ;; esac
    echo "${line#*,}" >>asked
    echo "{\"q\":$q,\"ok\":$ok}"
done
