# SPDX-License-Identifier: Apache-2.0
# The peer of `pref vote` in jq.
def count(word): map(select(.vote == word)) | length;
if .votes == null then . else
  (.votes | {chosen: count("chosen"), rejected: count("rejected"), tie: count("tie"),
             both_bad: count("both_bad")}) as $c |
  ($c.chosen + $c.rejected + $c.tie) as $n |
  .vote = {label: (if $c.chosen > $c.rejected then "chosen"
                   elif $c.rejected > $c.chosen then "rejected" else "tie" end),
           agreement: (if $n == 0 then null
                       else (2 * ([$c.chosen, $c.rejected] | max) + $c.tie) / (2 * $n) end),
           n: $n} + $c + {p: ((2 * $c.chosen + $c.tie + 2) / (2 * $n + 4))}
end
