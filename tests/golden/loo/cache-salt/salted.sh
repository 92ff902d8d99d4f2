# SPDX-License-Identifier: Apache-2.0
# Accepts a record that holds the word of $SALT; counts what it was asked.
while read -r line; do
    q=${line#*:}
    q=${q%%,*}
    case $line in *"$SALT"*) ok=true ;; *) ok=false ;; esac
    echo x >>asked
    echo "{\"q\":$q,\"ok\":$ok}"
done
