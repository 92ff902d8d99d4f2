-- SPDX-License-Identifier: Apache-2.0
-- The peer of `pref dedup`, with the same bytes: of records equal in prompt, chosen and rejected
-- (decoded) the first stays, in input order, as it came.
COPY (
  SELECT line FROM (
    SELECT line, row_number() OVER () AS n,
           json_extract_string(line, ['$.prompt', '$.chosen', '$.rejected']) AS key
    FROM read_csv($input, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '',
                  header = false, auto_detect = false, max_line_size = 67108864))
  QUALIFY row_number() OVER (PARTITION BY key ORDER BY n) = 1
  ORDER BY n
) TO $output (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01');
