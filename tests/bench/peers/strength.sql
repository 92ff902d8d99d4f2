-- SPDX-License-Identifier: Apache-2.0
-- The peer of `pref strength`: the same records, in any order, with the same annotation; the
-- quantile is the mid-rank of the mean itself. As with vote, values are the same, bytes are not.
CREATE MACRO corpus() AS TABLE
  SELECT *, list_sum(d) / len(d) AS mean
  FROM (
    SELECT *, list_transform(scores, s -> s.chosen - s.rejected) AS d
    FROM read_json($input, format = 'newline_delimited', maximum_object_size = 67108864,
                   columns = {id: 'JSON', prompt: 'JSON', chosen: 'JSON', rejected: 'JSON',
                              source: 'JSON', task: 'JSON', meta: 'JSON', votes: 'JSON',
                              scores: 'STRUCT(model VARCHAR, chosen DOUBLE, rejected DOUBLE)[]'}));
CREATE TABLE means AS
  SELECT mean, count(*) AS same FROM corpus() WHERE mean IS NOT NULL GROUP BY mean;
CREATE TABLE ranks AS
  SELECT mean, (sum(same) OVER (ORDER BY mean) - same / 2) / (sum(same) OVER ()) AS quantile
  FROM means;
COPY (
  SELECT * EXCLUDE (d, mean, quantile), CASE WHEN mean IS NOT NULL THEN {
           mean: mean, sd: sqrt(list_sum(list_transform(d, x -> (x - mean) * (x - mean))) / len(d)),
           n: len(d), quantile: quantile, action: 'keep', margin: mean, label: 1} END AS strength
  FROM corpus() LEFT JOIN ranks USING (mean)
) TO $output (FORMAT json);
