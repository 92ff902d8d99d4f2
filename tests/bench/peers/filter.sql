-- SPDX-License-Identifier: Apache-2.0
-- The peer of `pref filter` with the rules of works/filter.py, with the same bytes.
COPY (
  SELECT line FROM (
    SELECT line, json_extract_string(line, ['$.chosen', '$.rejected']) AS side
    FROM read_csv($input, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '',
                  header = false, auto_detect = false, max_line_size = 67108864))
  WHERE length(side[1]) >= 400
    AND NOT regexp_matches(side[2], '\b(rumours|violins?) (must|should)\b')
) TO $output (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01');
