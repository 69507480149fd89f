import { columnsOf, figureTable, SUMS } from '../figure-table.ts';
import type { FigureReader, FigureWriter } from '../store.ts';
import type { Database } from './database.ts';
import { inPieces } from './places.ts';

const MAX_ROWS = 1_000;

const addTo = (table: 'figure' | 'figure_span'): string => `INSERT INTO ${table} (${columnsOf(table)}) VALUES ?
  ON DUPLICATE KEY UPDATE ${SUMS.map((name) => `${name} = ${name} + VALUES(${name})`).join(', ')}`;

const ADD = { figure: addTo('figure'), figure_span: addTo('figure_span') };

export const figureTables = (db: Database): FigureReader & FigureWriter =>
  figureTable(db, {
    ofAll: '',
    newestBefore: 'SELECT max(quarter) AS quarter FROM figure WHERE quarter < ?',
    async add(table, rows) {
      for (const piece of inPieces(rows, MAX_ROWS)) await db.run(ADD[table], piece);
    },
  });
