import { crc32, deflateRawSync } from 'node:zlib';

/** A cell as a test writes it: a text, a number, or the XML of a cell without its place. */
export type TestCell = string | number | null | { xml: string };

export interface TestWorkbook {
  rows: readonly (readonly TestCell[])[];
  /** Texts in the cells themselves instead of the shared table. */
  inline?: boolean;
  /** Further parts, or others in the place of those made here. */
  parts?: Record<string, string>;
  sheets?: readonly { name: string; state?: string }[];
  /** Format codes of the cell styles from 1 on; a number is a built-in one. */
  formats?: readonly (string | number)[];
}

/** The octets of an XLSX file with these rows on its last sheet. */
export function workbook({
  rows,
  inline = false,
  parts = {},
  sheets = [{ name: 'Sheet1' }],
  formats = [],
}: TestWorkbook): Buffer {
  const shared: string[] = [];
  const cell = (value: TestCell, place: string): string => {
    if (value === null) return '';
    if (typeof value === 'object') return value.xml.replace('<c', `<c r="${place}"`);
    if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`;
    if (inline) return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
    return `<c r="${place}" t="s"><v>${shared.push(value) - 1}</v></c>`;
  };
  const sheetRows = rows.map(
    (row, i) =>
      `<row r="${i + 1}">${row.map((value, column) => cell(value, `${letters(column)}${i + 1}`)).join('')}</row>`,
  );
  const custom = formats.map((format, i) =>
    typeof format === 'number' ? '' : `<numFmt numFmtId="${200 + i}" formatCode="${escaped(format)}"/>`,
  );
  const styles = formats.map((format, i) => `<xf numFmtId="${typeof format === 'number' ? format : 200 + i}"/>`);
  const ids = sheets.map((_, i) => i + 1);
  const all: Record<string, string> = {
    'xl/workbook.xml': `<workbook xmlns="m" xmlns:r="r"><sheets>${sheets
      .map(
        ({ name, state }, i) =>
          `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="s${i + 1}"${state === undefined ? '' : ` state="${state}"`}/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${ids
      .map((id) => `<Relationship Id="s${id}" Type="x/worksheet" Target="worksheets/sheet${id}.xml"/>`)
      .join(
        '',
      )}<Relationship Id="st" Type="x/styles" Target="styles.xml"/><Relationship Id="ss" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`,
    'xl/styles.xml': `<styleSheet><numFmts>${custom.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${styles.join('')}</cellXfs></styleSheet>`,
    ...Object.fromEntries(
      ids.map((id) => [
        `xl/worksheets/sheet${id}.xml`,
        `<worksheet><sheetData>${id === ids.length ? sheetRows.join('') : ''}</sheetData></worksheet>`,
      ]),
    ),
    'xl/sharedStrings.xml': `<sst>${shared.map((text) => `<si><t xml:space="preserve">${escaped(text)}</t></si>`).join('')}</sst>`,
    ...parts,
  };
  return zip(Object.entries(all).map(([name, text]) => ({ name, octets: Buffer.from(text) })));
}

/** A ZIP archive. `lies`: the unpacked size the directory claims. */
export function zip(parts: readonly { name: string; octets: Buffer; lies?: number }[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, octets, lies } of parts) {
    const packed = deflateRawSync(octets, { level: 1 });
    const nameOctets = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(octets), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(lies ?? octets.length, 18);
    fields.writeUInt16LE(nameOctets.length, 22);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(offset);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, nameOctets, packed]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), fields, Buffer.alloc(10), place, nameOctets]));
    pieces.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(parts.length, 4);
  end.writeUInt16LE(parts.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...pieces, listed, Buffer.from('PK\x05\x06'), end]);
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** The name of a column, from 0: A, B, … Z, AA. */
function letters(column: number): string {
  return (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));
}
