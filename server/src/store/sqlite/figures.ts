import { columnsOf, figureTable, SUMS } from '../figure-table.ts';
import type { FigureReader, FigureWriter } from '../store.ts';
import type { Database } from './database.ts';

const addTo = (table: 'figure' | 'figure_span'): string => `INSERT INTO ${table} (${columnsOf(table)})
  VALUES (${columnsOf(table).replaceAll(/\w+/g, '?')})
  ON CONFLICT DO UPDATE SET ${SUMS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`;

const ADD = { figure: addTo('figure'), figure_span: addTo('figure_span') };

export const figureTables = (db: Database): FigureReader & FigureWriter =>
  figureTable(db, {
    // Every business named, so that each is looked up in the key.
    ofAll: 'business_id IN (SELECT id FROM business) AND',
    newestBefore: `SELECT max((SELECT max(quarter) FROM figure WHERE business_id = business.id AND quarter < ?)) AS quarter
      FROM business`,
    add(table, rows) {
      for (const row of rows) db.run(ADD[table], ...row);
    },
  });
