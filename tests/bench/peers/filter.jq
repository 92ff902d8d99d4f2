# SPDX-License-Identifier: Apache-2.0
# The peer of `pref filter` with the rules of works/filter.py in jq.
select((.chosen | length) >= 400
       and (.rejected | test("\\b(rumours|violins?) (must|should)\\b") | not))
