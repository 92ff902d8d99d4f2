# SPDX-License-Identifier: Apache-2.0
# The peer of `pref strength` in jq, but for the quantile, which would need the whole corpus.
if (.scores // []) == [] then . else
  [.scores[] | .chosen - .rejected] as $d |
  (($d | add) / ($d | length)) as $mean |
  .strength = {mean: $mean, sd: (([$d[] | (. - $mean) * (. - $mean)] | add) / ($d | length) | sqrt),
               n: ($d | length), action: "keep", margin: $mean, label: 1}
end
