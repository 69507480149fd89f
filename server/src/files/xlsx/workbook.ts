import { type FileOfRows, unreadable } from '../rows.ts';
import { Archive } from './archive.ts';
import { type Moment, momentOf } from './dates.ts';
import { SheetReader } from './sheet.ts';
import { SharedStrings } from './strings.ts';
import { readXml, XmlReader } from './xml.ts';

const WORKBOOK = 'xl/workbook.xml';
const RELATIONS = 'xl/_rels/workbook.xml.rels';

/** Opens one sheet of an XLSX workbook (ECMA-376): the one named, or the first visible one. @throws Refused (fileRefused) */
export async function openWorkbook(path: string, sheet?: string): Promise<FileOfRows> {
  return {
    format: 'xlsx',
    encoding: null,
    async *rows() {
      const archive = await Archive.open(path);
      try {
        const { sheets, since1904 } = await readWorkbook(archive);
        const targets = await readRelations(archive);
        const chosen = targets.get(choose(sheets, sheet).relation)?.target;
        if (chosen === undefined) throw unreadable('the workbook does not say where its sheet is');
        const of = (kind: string) => [...targets.values()].find((relation) => relation.kind === kind)?.target;
        const reader = new SheetReader({
          strings: await readStrings(archive, of('sharedStrings')),
          moments: await readMoments(archive, of('styles')),
          since1904,
        });
        const xml = new XmlReader(reader.listener());
        for await (const piece of archive.read(chosen)) {
          xml.push(piece);
          yield reader.taken();
        }
        xml.end();
        yield reader.taken();
      } finally {
        archive.close();
      }
    },
  };
}

interface SheetEntry {
  name: string;
  hidden: boolean;
  relation: string;
}

async function readWorkbook(archive: Archive): Promise<{ sheets: SheetEntry[]; since1904: boolean }> {
  if (!archive.has(WORKBOOK)) throw unreadable('it is a ZIP archive, but no XLSX workbook');
  const sheets: SheetEntry[] = [];
  let since1904 = false;
  await readXml(archive.read(WORKBOOK), {
    open(name, attributes) {
      if (name === 'workbookPr') since1904 = isTrue(attributes.date1904);
      if (name !== 'sheet') return;
      const relation = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      sheets.push({ name: attributes.name ?? '', hidden: (attributes.state ?? 'visible') !== 'visible', relation });
    },
  });
  return { sheets, since1904 };
}

function choose(sheets: readonly SheetEntry[], wanted: string | undefined): SheetEntry {
  const names = sheets.map(({ name }) => name).join(', ');
  const found =
    wanted === undefined ? sheets.find(({ hidden }) => !hidden) : sheets.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw unreadable(
    wanted === undefined ? 'the workbook has no visible sheet' : `there is no such sheet; it has ${names}`,
  );
}

/** Where the parts of a workbook are, by the ids it calls them. */
async function readRelations(archive: Archive): Promise<Map<string, { kind: string; target: string }>> {
  const targets = new Map<string, { kind: string; target: string }>();
  await readXml(archive.read(RELATIONS), {
    open(name, { Id, Type, Target }) {
      if (name !== 'Relationship' || Id === undefined || Target === undefined) return;
      const target = Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`;
      targets.set(Id, { kind: Type?.split('/').at(-1) ?? '', target });
    },
  });
  return targets;
}

async function readStrings(archive: Archive, part: string | undefined): Promise<SharedStrings> {
  const strings = new SharedStrings();
  if (part !== undefined && archive.has(part)) await readXml(archive.read(part), strings.listener());
  return strings;
}

const MAX_STYLES = 100_000;

/** What the numbers of each cell style show of a moment. */
async function readMoments(archive: Archive, part: string | undefined): Promise<(Moment | null)[]> {
  const codes = new Map<number, string>();
  const moments: (Moment | null)[] = [];
  let inCellStyles = false;
  if (part === undefined || !archive.has(part)) return moments;
  await readXml(archive.read(part), {
    open(name, attributes) {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      else if (name === 'cellXfs') inCellStyles = true;
      else if (name === 'xf' && inCellStyles && moments.length < MAX_STYLES) {
        const id = Number(attributes.numFmtId ?? 0);
        moments.push(momentOf(id, codes.get(id)));
      }
    },
    close(name) {
      if (name === 'cellXfs') inCellStyles = false;
    },
  });
  return moments;
}

const isTrue = (text: string | undefined): boolean => text === '1' || text === 'true';
