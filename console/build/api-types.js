// Writes src/api/schema.d.ts: the routes of the native API as types, made from the server's OpenAPI document, so that
// the console is checked against what the server answers. Run after `tsc -b`; the file is not kept in the repository.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nativeDocument } from 'signet/native-document';

const TARGET = fileURLToPath(new URL('../src/api/schema.d.ts', import.meta.url));

/** @param {any} schema a JSON schema of the document; unknown keywords only narrow values, never shapes */
function typeOf(schema, indent = '  ') {
  if (schema === true || schema === undefined) return 'unknown';
  if (schema.$ref !== undefined) return `Schemas['${schema.$ref.split('/').at(-1)}']`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.map((each) => typeOf(each, indent)).join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map((each) => `(${typeOf(each, indent)})`).join(' & ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(' | ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      if (Array.isArray(schema.items)) return `[${schema.items.map((each) => typeOf(each, indent)).join(', ')}]`;
      return `(${typeOf(schema.items, indent)})[]`;
    case 'object':
      return objectOf(schema, indent);
    case undefined:
      return 'unknown';
    default:
      throw new Error(`no type is known for ${JSON.stringify(schema)}`);
  }
}

function objectOf(schema, indent) {
  const required = schema.required ?? [];
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const said = field.description === undefined ? '' : `${inner}/** ${field.description.replaceAll('*/', '* /')} */\n`;
    return `${said}${inner}${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(field, inner)};\n`;
  });
  const others = Object.values(schema.patternProperties ?? {})[0] ?? schema.additionalProperties;
  const named = fields.length === 0 ? null : `{\n${fields.join('')}${indent}}`;
  if (others === undefined || others === false) return named ?? 'Record<string, never>';
  const rest = `Record<string, ${typeOf(others === true ? {} : others, indent)}>`;
  return named === null ? rest : `${named} & ${rest}`;
}

function routeOf(operation) {
  const inputs = (where) => {
    const listed = (operation.parameters ?? []).filter((each) => each.in === where);
    return typeOf({
      type: 'object',
      properties: Object.fromEntries(listed.map(({ name, schema }) => [name, schema])),
      required: listed.filter((each) => each.required).map(({ name }) => name),
    });
  };
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const [answer] = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => content);
  const schema = answer?.['application/json']?.schema;
  return [
    `path: ${inputs('path')}`,
    `query: ${inputs('query')}`,
    `body: ${body === undefined ? 'undefined' : typeOf(body)}`,
    `answer: ${answer === undefined ? 'undefined' : schema === undefined ? 'string' : typeOf(schema)}`,
  ].join('; ');
}

const { paths, components } = nativeDocument('0');
const routes = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(
    ([method, operation]) => `  '${method.toUpperCase()} ${path}': { ${routeOf(operation)} };\n`,
  ),
);
const schemas = Object.entries(components.schemas).map(([name, schema]) => `  ${name}: ${typeOf(schema)};\n`);
const text = `// Made by build/api-types.js from the server's OpenAPI document.
export interface Schemas {
${schemas.join('')}}

export interface Routes {
${routes.join('')}}
`;

let before = '';
try {
  before = readFileSync(TARGET, 'utf8');
} catch {}
if (before !== text) {
  mkdirSync(new URL('.', `file://${TARGET}`), { recursive: true });
  writeFileSync(TARGET, text);
}
