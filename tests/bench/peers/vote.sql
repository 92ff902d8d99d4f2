-- SPDX-License-Identifier: Apache-2.0
-- The peer of `pref vote`: the same records with the same annotation. Written the fast way for
-- DuckDB, which parses what is named here and prints it again: the values are the same, the bytes
-- are not.
CREATE MACRO votes_for(votes, word) AS len(list_filter(votes, v -> v.vote = word));
COPY (
  SELECT * EXCLUDE (c, r, t, b, n), CASE WHEN votes IS NOT NULL THEN {
           label: CASE WHEN c > r THEN 'chosen' WHEN r > c THEN 'rejected' ELSE 'tie' END,
           agreement: (2 * greatest(c, r) + t) / (2 * n), n: n,
           chosen: c, rejected: r, tie: t, both_bad: b,
           p: (2 * c + t + 2) / (2 * n + 4)} END AS vote
  FROM (
    SELECT *, c + r + t AS n
    FROM (
      SELECT *, votes_for(votes, 'chosen') AS c, votes_for(votes, 'rejected') AS r,
             votes_for(votes, 'tie') AS t, votes_for(votes, 'both_bad') AS b
      FROM read_json($input, format = 'newline_delimited', maximum_object_size = 67108864,
                     columns = {id: 'JSON', prompt: 'JSON', chosen: 'JSON', rejected: 'JSON',
                                source: 'JSON', task: 'JSON', meta: 'JSON', scores: 'JSON',
                                votes: 'STRUCT(judge VARCHAR, vote VARCHAR, confidence DOUBLE,
                                               swapped BOOLEAN)[]'})))
) TO $output (FORMAT json);
