// SPDX-License-Identifier: Apache-2.0
// Run a file of SQL in DuckDB, in which $input and $output stand for the names of files.
// usage: node duckdb.mjs SQL INPUT OUTPUT THREADS
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const [, , sql, input, output, threads] = process.argv;
const quoted = (text) => "'" + text.replaceAll("'", "''") + "'";
const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();
await connection.run(
  readFileSync(sql, 'utf8')
    .replaceAll('$input', () => quoted(input))
    .replaceAll('$output', () => quoted(output)),
);
