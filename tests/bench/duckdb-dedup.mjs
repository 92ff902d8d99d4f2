// SPDX-License-Identifier: Apache-2.0
// The peer of `pref dedup` in DuckDB, with the same answer: of records equal in prompt, chosen and
// rejected (decoded) the first stays, in input order, its bytes as they came.
// usage: node duckdb-dedup.mjs INPUT OUTPUT THREADS
import { DuckDBInstance } from '@duckdb/node-api';

const [, , input, output, threads] = process.argv;
const quoted = (text) => "'" + text.replaceAll("'", "''") + "'";
const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();
await connection.run(`COPY (
  SELECT line FROM (
    SELECT line, row_number() OVER () AS n,
           json_extract_string(line, ['$.prompt', '$.chosen', '$.rejected']) AS key
    FROM read_csv(${quoted(input)}, columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '',
                  escape = '', header = false, auto_detect = false, max_line_size = 67108864))
  QUALIFY row_number() OVER (PARTITION BY key ORDER BY n) = 1
  ORDER BY n
) TO ${quoted(output)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')`);
