import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { NamedSetting, Setting } from '../../domain/setting.ts';
import { wholeNumber } from '../arguments.ts';
import { usageError } from '../failure.ts';

/**
 * Adds an option for every setting.
 * @param newOne whether settings without a default must be given, and the others' defaults are shown
 */
export function addSettings(command: Command, settings: readonly NamedSetting[], newOne: boolean): Command {
  for (const { wire, setting } of settings) {
    const flag = `--${wire.replaceAll('_', '-')}`;
    const must = newOne && setting.initial === undefined;
    const fallback = newOne && !must ? shownDefault(setting) : '';
    const description = `${setting.description}${fallback === '' ? '' : ` (${fallback})`}`;
    if (setting.written === 'onOff') {
      const [on, off] = [new Option(flag, description), new Option(flag.replace('--', '--no-'), `not ${flag}`)];
      command.addOption(on).addOption(off);
      continue;
    }
    const option = new Option(`${flag} <${PLACEHOLDERS[setting.written]}>`, description);
    command.addOption(option.argParser(readerOf(setting)).makeOptionMandatory(must));
  }
  return command;
}

/** The settings among a command's options, in the API's names. */
export function settingsOf(
  options: Readonly<Record<string, unknown>>,
  settings: readonly NamedSetting[],
): Record<string, unknown> {
  const given = settings.filter(({ name }) => options[name] !== undefined);
  // Commander takes null for a value that is missing, so the word for it comes this far.
  const apiValue = ({ other }: Setting<unknown>, value: unknown) => (value === other?.word ? other!.value : value);
  return Object.fromEntries(given.map(({ name, wire, setting }) => [wire, apiValue(setting, options[name])]));
}

const PLACEHOLDERS: Record<Setting<unknown>['written'], string> = {
  text: 'text',
  integer: 'n',
  integerOr: 'n',
  onOff: '',
  file: 'file',
  list: 'a,b',
  pairs: 'a=x,b=y',
};

function shownDefault({ written, initial, other }: Setting<unknown>): string {
  if (written === 'integerOr') return other!.word;
  if (written === 'list') return (initial as string[]).join(',');
  return written === 'pairs' || written === 'onOff' ? '' : String(initial);
}

/** Reads what is written on the command line; the server judges it. */
function readerOf({ written, other }: Setting<unknown>): (text: string) => unknown {
  switch (written) {
    case 'integer':
      return wholeNumber;
    case 'integerOr':
      return (text) => (text === other!.word ? text : wholeNumber(text));
    case 'file':
      return readFile;
    case 'list':
      return (text) => text.split(',').filter((word) => word !== '');
    case 'pairs':
      return readPairs;
    default:
      return (text) => text;
  }
}

function readFile(path: string): string {
  if (path === '') return '';
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

function readPairs(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (name === undefined) throw usageError(`${JSON.stringify(pair)} is not of the form name=value`);
      return [name.trim(), value!.trim()];
    }),
  );
}
