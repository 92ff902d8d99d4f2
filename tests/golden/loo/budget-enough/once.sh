# SPDX-License-Identifier: Apache-2.0
# Accepts a record that holds an x; dies if it is run where a file says stop.
[ -e stop ] && exit 3
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    case $line in *x*) ok=true ;; *) ok=false ;; esac
    echo "{\"q\":$q,\"ok\":$ok}"
done
